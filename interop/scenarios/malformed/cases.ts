import { readFileSync } from 'node:fs';
import path from 'node:path';
import { formatPrefix } from '../../../src/net/prefix.ts';
import { MAX_MESSAGE, UPDATE } from '../../../src/wire/message.ts';
import { nlriEnd, readPrefix } from '../../../src/wire/nlri.ts';
import type { CodecContext } from '../../../src/wire/path-attributes.ts';
import { scanUpdate, UpdateScan } from '../../../src/wire/update-scan.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../fixtures/wire/errors');
const TYPE_AT = 18;
const SHORTEST_UPDATE = 23;

/** What the cases say of the speaker that they are sent to. */
export const OWN_ASN = 65000;
export const OWN_IDENTIFIER = '10.255.0.1';

/** A malformed message, and the session that it is for. */
export interface Case {
  readonly id: string;
  readonly bytes: Buffer;
  readonly phase: 'OpenSent' | 'OpenConfirm' | 'Established';
  readonly peerAs: number;
  /** CLUSTER_LIST counts only for a reflector. */
  readonly client: boolean;
  /** Prefixes that it announces or withdraws, as far as they can be read. */
  readonly prefixes: readonly string[];
}

interface Fixture {
  readonly id: string;
  readonly hex: string;
  readonly phase?: Case['phase'];
  readonly context?: { readonly peerAs: number; readonly clusterId?: string };
  readonly expect?: { readonly prefix?: string };
}

export const malformedCases = (): readonly Case[] =>
  ['rfc7606.json', 'rfc-authored.json', 'bad-length.json'].flatMap((file) => {
    const text = readFileSync(path.join(FOLDER, file), 'utf8');
    return (JSON.parse(text) as { readonly cases: readonly Fixture[] }).cases.map(caseOf);
  });

function caseOf({ id, hex, phase = 'Established', context, expect }: Fixture): Case {
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
  const peerAs = context?.peerAs ?? OWN_ASN + 1;
  const read = prefixesOf(bytes, peerAs);
  return {
    id,
    bytes,
    phase,
    peerAs,
    client: context?.clusterId !== undefined,
    prefixes: read.length > 0 || expect?.prefix === undefined ? read : [expect.prefix],
  };
}

/** How UPDATEs of a neighbour of this AS are written. */
export const codecFor = (peerAs: number): CodecContext => ({
  as4: true,
  kind: peerAs === OWN_ASN ? 'ibgp' : 'ebgp',
  addPath: [],
  families: ['ipv4-unicast', 'ipv6-unicast'],
  maxMessage: MAX_MESSAGE,
  extendedNextHop: false,
});

function prefixesOf(bytes: Buffer, peerAs: number): readonly string[] {
  const scan = new UpdateScan();
  const { length } = bytes;
  if (bytes[TYPE_AT] !== UPDATE || length < SHORTEST_UPDATE || length > MAX_MESSAGE) return [];
  if (scanUpdate(bytes, 0, length, codecFor(peerAs), scan) !== undefined) return [];
  const all: string[] = [];
  const collect = (from: number, to: number, afi: number): void => {
    const family = afi === 2 ? 'ipv6-unicast' : 'ipv4-unicast';
    for (let at = from; at < to; at = nlriEnd(bytes, at)) {
      all.push(formatPrefix(readPrefix(bytes, at, family)));
    }
  };
  collect(scan.withdrawnStart, scan.withdrawnEnd, 1);
  collect(scan.nlriStart, scan.nlriEnd, 1);
  collect(scan.reachNlriStart, scan.reachNlriEnd, scan.reachAfi);
  collect(scan.unreachNlriStart, scan.unreachNlriEnd, scan.unreachAfi);
  return [...new Set(all)];
}
