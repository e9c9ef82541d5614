import { parseAddress } from '../../src/net/address.ts';
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/wire/path-attributes.ts';

export const prefixOf = (text: string): Prefix => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is not a prefix`);
  return prefix;
};

export const addressOf = (text: string): Uint8Array => {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is not an address`);
  return address;
};

interface Sender {
  readonly address: string;
  readonly asn: number;
  readonly speakerAsn: number;
}

/** Attributes of a plain route that the sender itself originates. */
export function attributesOf(
  { address, asn, speakerAsn }: Sender,
  over: Partial<PathAttributes>,
): PathAttributes {
  const internal = asn === speakerAsn;
  return {
    ...NO_ATTRIBUTES,
    origin: 'igp',
    asPath: internal ? [] : [{ type: 'sequence', asns: [asn] }],
    nextHop: addressOf(address),
    localPref: internal ? 100 : undefined,
    ...over,
  };
}
