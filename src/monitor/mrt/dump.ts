import { parseAddress, parseIpv4Number } from '../../net/address.ts';
import { equalPrefixes } from '../../net/prefix.ts';
import type { LocalRoute, PathInfo } from '../../rib/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Speaker } from '../../speaker/speaker.ts';
import { openAsn } from '../../wire/open.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../wire/path-attributes.ts';
import { encodeRecord, TABLE_DUMP_V2 } from './record.ts';
import { encodeRibAttributes } from './rib-attributes.ts';
import {
  encodePeerIndex,
  encodeRib,
  type MrtPeer,
  PEER_INDEX_TABLE,
  type RibEntry,
  type RibRecord,
  ribSubtype,
} from './table-dump.ts';

/** Index of this speaker among the peers: local routes are its own. */
const OWN_INDEX = 0;
/** The format counts peers in two octets. */
const MOST_PEERS = 65535;
/** Paths of a prefix in one record; more go into another. */
const MOST_ENTRIES = 4096;

/**
 * The table as TABLE_DUMP_V2 records: every path as received, before import policy, and the local
 * routes. It is taken while the table moves, as the reader takes the records.
 */
export function* dumpTable(speaker: Speaker, clock: Clock): Generator<Buffer> {
  const index = new Map<string, number>();
  const time = 1000 * clock.wallTime();
  const record = (subtype: number, body: Buffer): Buffer =>
    encodeRecord({ time, type: TABLE_DUMP_V2, subtype, body });
  const peers = [ownPeer(speaker), ...configuredPeers(speaker, index)];
  const collectorId = peers[OWN_INDEX]?.bgpId ?? 0;
  yield record(PEER_INDEX_TABLE, encodePeerIndex({ collectorId, viewName: '', peers }));
  for (const rib of ribRecords(speaker, index)) yield record(ribSubtype(rib), encodeRib(rib));
}

const ownPeer = ({ config }: Speaker): MrtPeer => ({
  bgpId: parseIpv4Number(config?.routerId ?? '') ?? 0,
  address: new Uint8Array(4),
  asn: config?.asn ?? 0,
});

function configuredPeers(speaker: Speaker, index: Map<string, number>): readonly MrtPeer[] {
  return speaker.peers.slice(0, MOST_PEERS - 1).map(({ name, config, opens }, position) => {
    index.set(name, position + 1);
    const { received } = opens;
    return {
      bgpId: received?.bgpId ?? 0,
      address: parseAddress(config.address) ?? new Uint8Array(4),
      asn: received === undefined ? config.asn : openAsn(received),
    };
  });
}

function* ribRecords(speaker: Speaker, index: ReadonlyMap<string, number>): Generator<RibRecord> {
  const encode = encoder();
  let sequence = 0;
  let batch: PathInfo[] = [];
  const flush = function* (): Generator<RibRecord> {
    const [first] = batch;
    if (first === undefined) return;
    const { family, prefix } = first;
    for (const addPath of [false, true]) {
      const entries = batch
        .filter(({ pathId }) => (pathId !== undefined) === addPath)
        .flatMap((path) => entryOf(path, index, encode));
      if (entries.length > 0) yield { sequence: sequence++, family, prefix, addPath, entries };
    }
    batch = [];
  };
  const all = { family: undefined, peer: undefined, filtered: false, prefix: undefined } as const;
  for (const path of speaker.rib?.routes({ ...all, view: 'in' }) ?? []) {
    const [first] = batch;
    const another = first !== undefined && !equalPrefixes(first.prefix, path.prefix);
    if (another || batch.length >= MOST_ENTRIES) yield* flush();
    batch.push(path);
  }
  yield* flush();
}

function entryOf(
  { peer, pathId, since, attributes, local }: PathInfo,
  index: ReadonlyMap<string, number>,
  encode: (attributes: PathAttributes) => Buffer,
): readonly RibEntry[] {
  const peerIndex = peer === undefined ? OWN_INDEX : index.get(peer);
  const known = attributes ?? (local && localAttributes(local));
  // A peer that came after the index was written.
  if (peerIndex === undefined || known === undefined) return [];
  const originated = Math.floor(since / 1000);
  return [{ peerIndex, originated, pathId: pathId ?? 0, attributes: encode(known) }];
}

/** A route of this machine with the unspecified address where it has no gateway. */
const localAttributes = ({ gateway, prefix }: LocalRoute): PathAttributes => ({
  ...NO_ATTRIBUTES,
  origin: 'igp',
  asPath: [],
  nextHop: gateway ?? new Uint8Array(prefix.address.length),
});

/** Encodes attributes, the same ones in a row once. */
function encoder(): (attributes: PathAttributes) => Buffer {
  let last: PathAttributes | undefined;
  let encoded: Buffer = Buffer.alloc(0);
  return (attributes) => {
    if (attributes !== last) encoded = encodeRibAttributes(attributes);
    last = attributes;
    return encoded;
  };
}
