import { encodeKeepalive } from '../../wire/keepalive.ts';
import { encodeOpen } from '../../wire/open.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../wire/path-attributes.ts';
import { encodeUpdate, type Nlri } from '../../wire/update.ts';

export const ASN = 64_512;

/** UPDATEs of the table with attributes of their own, and of many routes each. */
const MIXED = 100;
const LARGE = 3;
const MANY = 800;
/** Routes that come and go one by one. */
const CHANGES = 225;

const FIRST_CLIENT = 10;
const FEEDER = Uint8Array.of(192, 0, 2, FIRST_CLIENT);

const CODEC = {
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: ['ipv4-unicast'],
  maxMessage: 4096,
  extendedNextHop: false,
} as const;

export const addressOf = (client: number): string => `192.0.2.${FIRST_CLIENT + client}`;

/** What a client says first: OPEN and KEEPALIVE. */
export function greetingOf(client: number): Buffer {
  const bgpId = 0xc0000200 + FIRST_CLIENT + client;
  const capabilities = [
    { type: 'multiprotocol', afi: 1, safi: 1 },
    { type: 'as4', asn: ASN },
  ] as const;
  const open = encodeOpen({ version: 4, asn: ASN, holdTime: 0, bgpId, capabilities });
  return Buffer.concat([open, encodeKeepalive()]);
}

/** A small table of all kinds of routes; many more come and go. */
export function table(): Buffer {
  const mixed = numbers(MIXED).map((number) =>
    announcement(
      numbers(1 + (number % 9)).map((at) => route([10, number, at, 0], 8 + ((number + at) % 25))),
      attributesOf(number),
    ),
  );
  const many = numbers(LARGE).map((number) =>
    numbers(MANY).map((at) => route([11 + number, at >> 8, at & 255, 0], 24)),
  );
  const announced = many.map((routes) => announcement(routes, attributesOf(1)));
  return Buffer.concat([...mixed, ...announced, ...many.map(withdrawal)]);
}

/** Single changes, one UPDATE each. */
export function* changes(): Generator<Buffer, undefined> {
  for (const number of numbers(CHANGES)) {
    const routes = [route([198, 18, number, 64], 24 + (number % 9))];
    yield announcement(routes, attributesOf(number % 8));
    yield withdrawal(routes);
  }
}

const announcement = (routes: readonly Nlri[], attributes: PathAttributes): Buffer =>
  encodeUpdate({ type: 'announce', family: 'ipv4-unicast', routes, attributes }, CODEC);

const withdrawal = (routes: readonly Nlri[]): Buffer =>
  encodeUpdate({ type: 'withdraw', family: 'ipv4-unicast', routes }, CODEC);

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

type Octets = readonly [number, number, number, number];

const route = (octets: Octets, length: number): Nlri => ({
  prefix: { address: Uint8Array.from(octets), length },
});

/** No two below 100 are the same. */
function attributesOf(number: number): PathAttributes {
  const asns = [65_000 + number, 65_001, 65_002].slice(0, number % 4);
  return {
    ...NO_ATTRIBUTES,
    origin: 'igp',
    asPath: asns.length === 0 ? [] : [{ type: 'sequence', asns }],
    nextHop: FEEDER,
    med: number % 5 === 0 ? number : undefined,
    localPref: 100 + number,
    communities: numbers(number % 3).map((at) => number + at),
  };
}
