import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CodecContext } from '../../src/wire/path-attributes.ts';

const ROOT = path.resolve(import.meta.dirname, '../../fixtures/wire');

export interface UpdateCase {
  readonly id: string;
  readonly hex: string;
  readonly context?: { readonly asn4?: boolean; readonly addPath?: boolean };
  readonly inScope?: boolean;
  readonly expect?: Readonly<Record<string, unknown>>;
  readonly oracle?: { readonly tshark: string };
}

export interface ErrorCase {
  readonly id: string;
  readonly hex: string;
  readonly phase?: string;
  readonly context: { readonly asn4: boolean; readonly peerType: 'ibgp' | 'ebgp' };
  readonly ambiguous?: boolean;
  readonly expect: {
    readonly reaction: string;
    readonly discardedAttr?: number;
    readonly notification?:
      | readonly [number, number]
      | { readonly code: number; readonly subcode: number; readonly dataHex?: string };
  };
}

export const readCases = <T>(file: string): readonly T[] =>
  JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).cases;

export const readLines = (file: string): readonly string[] =>
  gunzipSync(readFileSync(path.join(ROOT, file)))
    .toString('latin1')
    .split('\n');

/** Octets from hexadecimal, blanks ignored. */
export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** The same as a plain array, as the codec gives values out. */
export const octets = (text: string): Uint8Array => new Uint8Array(hex(text));

/** A 4-octet iBGP session with both families, changed as the test needs. */
export const context = (changes: Partial<CodecContext> = {}): CodecContext => ({
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: ['ipv4-unicast', 'ipv6-unicast'],
  maxMessage: 4096,
  extendedNextHop: false,
  ...changes,
});

/** A message of `type` around a body in hexadecimal. */
export function message(type: number, body: string): Buffer {
  const bytes = hex(`${'ff'.repeat(16)} 0000 ${type.toString(16).padStart(2, '0')} ${body}`);
  bytes.writeUInt16BE(bytes.length, 16);
  return bytes;
}

/** An UPDATE from its three fields in hexadecimal. */
export function update(withdrawn: string, attributes: string, nlri: string): Buffer {
  const size = (text: string): string => hex(text).length.toString(16).padStart(4, '0');
  return message(2, `${size(withdrawn)}${withdrawn}${size(attributes)}${attributes}${nlri}`);
}
