import { formatAddress } from '../../net/address.ts';
import { FAMILIES } from '../../net/family.ts';
import type { Prefix } from '../../net/prefix.ts';
import { TruncatedError } from '../../wire/errors.ts';
import { MAX_EXTENDED_MESSAGE } from '../../wire/message.ts';
import type { CodecContext } from '../../wire/path-attributes.ts';
import { decodeSessionRecord, type SessionRecord } from './bgp4mp.ts';
import { BGP4MP, BGP4MP_ET, type MrtRecord, malformed, TABLE_DUMP_V2 } from './record.ts';
import { entryUpdate } from './rib-attributes.ts';
import {
  decodePeerIndex,
  decodeRib,
  type MrtPeer,
  PEER_INDEX_TABLE,
  type PeerIndex,
  type RibRecord,
} from './table-dump.ts';

/** One thing that a file tells, in the order of the file. */
export type MrtContent =
  | { readonly type: 'peers'; readonly index: PeerIndex }
  | {
      readonly type: 'route';
      readonly peer: MrtPeer;
      /** A route of the speaker that wrote the table. */
      readonly own: boolean;
      readonly prefix: Prefix;
      /** Seconds since the Unix epoch. */
      readonly originated: number;
      readonly addPath: boolean;
      /** An UPDATE with this path alone. */
      readonly update: Buffer;
    }
  | { readonly type: 'session'; readonly record: SessionRecord }
  /** A type or subtype that bengal does not read. */
  | { readonly type: 'other' };

/** How the messages of a file are read. */
export const mrtCodec = (as4: boolean, addPath: boolean, kind: 'ibgp' | 'ebgp'): CodecContext => ({
  as4,
  kind,
  addPath: addPath ? FAMILIES : [],
  families: FAMILIES,
  maxMessage: MAX_EXTENDED_MESSAGE,
  extendedNextHop: true,
});

/** Reads the bodies of records; holds the peers that RIB records name by index. */
export class ContentReader {
  #index: PeerIndex = { collectorId: 0, viewName: '', peers: [] };

  /** Throws a BengalError for a body that is not what its type says. */
  read(record: MrtRecord): readonly MrtContent[] {
    try {
      return this.#read(record);
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
      throw malformed(`a record of type ${record.type}/${record.subtype} is cut short`);
    }
  }

  #read({ type, subtype, body }: MrtRecord): readonly MrtContent[] {
    if (type === TABLE_DUMP_V2 && subtype === PEER_INDEX_TABLE) {
      this.#index = decodePeerIndex(body);
      return [{ type: 'peers', index: this.#index }];
    }
    if (type === TABLE_DUMP_V2) {
      const rib = decodeRib(subtype, body);
      return rib === undefined ? [OTHER] : this.#routes(rib);
    }
    const isSession = type === BGP4MP || type === BGP4MP_ET;
    const record = isSession ? decodeSessionRecord(subtype, body) : undefined;
    return [record === undefined ? OTHER : { type: 'session', record }];
  }

  #routes({ family, prefix, addPath, entries }: RibRecord): readonly MrtContent[] {
    const { peers } = this.#index;
    return entries.map(({ peerIndex, originated, pathId, attributes }) => {
      const peer = peers[peerIndex];
      if (peer === undefined) throw malformed(`a route of peer ${peerIndex}, which is not listed`);
      const update = entryUpdate(attributes, family, prefix, addPath ? pathId : undefined);
      const own = ownPeer(this.#index) === peer;
      return { type: 'route', peer, own, prefix, originated, addPath, update };
    });
  }
}

/** The entry of the table's writer itself, which has no address there. */
export function ownPeer({ collectorId, peers }: PeerIndex): MrtPeer | undefined {
  const [first] = peers;
  const unspecified = first?.address.every((octet) => octet === 0) === true;
  return unspecified && first?.bgpId === collectorId ? first : undefined;
}

const OTHER: MrtContent = { type: 'other' };

/** Address and AS number of a peer, for people. */
export const peerText = ({ address, asn }: Pick<MrtPeer, 'address' | 'asn'>): object => ({
  address: formatAddress(address),
  asn,
});
