import { type AddressBytes, isLinkLocal } from '../net/address.ts';
import { applyEdits, newEdits } from '../policy/edits.ts';
import { isConfed } from '../wire/attributes/as-path.ts';
import { decodeAttributes } from '../wire/decode-attributes.ts';
import { writeAttributes } from '../wire/encode-attributes.ts';
import { isTransitive } from '../wire/link-bandwidth.ts';
import type { CodecContext, PathAttributes } from '../wire/path-attributes.ts';
import { MP_REACH_OVERHEAD, UPDATE_OVERHEAD } from '../wire/update-writer.ts';
import { Writer } from '../wire/writer.ts';
import { type GroupProfile, isExternal } from './group-key.ts';
import type { NextHop, NextHopTable } from './next-hop-table.ts';
import { HELD } from './reasons.ts';
import { MED_SET, NEXT_HOP_SELF, VERBATIM } from './record-columns.ts';
import type { RecordTable } from './record-table.ts';
import { marksOutgoing } from './roles.ts';
import type { Source } from './source.ts';

const DEFAULT_LOCAL_PREF = 100;
/** RFC 8326 §5. */
const GRACEFUL_SHUTDOWN_VALUE = 0xffff0000;

/**
 * A block is sent with at most so many times the octets of its record (AS numbers may take four
 * instead of two, or stand in AS4_PATH too), and with so many that are added.
 */
const MOST_GROWTH = 2;
const MOST_ADDED = 128;

/** What the encoder reads of the RIB. */
export interface EncoderTables {
  readonly records: RecordTable;
  readonly nextHops: NextHopTable;
  readonly clusterId: number | undefined;
}

/** Makes of a record what the members of a group are sent. */
export class OutEncoder {
  readonly #tables: EncoderTables;
  readonly #profile: GroupProfile;
  readonly #codec: CodecContext;
  /** Octets of the longest prefix of the family: path id, length, address. */
  readonly #longestPrefix: number;

  constructor(tables: EncoderTables, profile: GroupProfile) {
    this.#tables = tables;
    this.#profile = profile;
    this.#longestPrefix =
      (profile.addPath ? 4 : 0) + 1 + (profile.family === 'ipv4-unicast' ? 4 : 16);
    this.#codec = {
      as4: profile.as4,
      kind: isExternal(profile.kind) ? 'ebgp' : 'ibgp',
      addPath: [],
      families: [profile.family],
      maxMessage: profile.maxMessage,
      extendedNextHop: profile.extendedNextHop,
    };
  }

  /** The next hop that is kept; undefined where we put our own, as for one that is good on a link only. */
  keptNextHop(record: number): NextHop | undefined {
    const { records, nextHops } = this.#tables;
    const { kind, nextHop: mode } = this.#profile;
    const { flags, nextHops: ids } = records.columns;
    if (((flags[record] as number) & NEXT_HOP_SELF) !== 0 || mode === 'self') return undefined;
    if (mode === 'auto' && kind === 'ebgp') return undefined;
    const kept = nextHops.get(ids[record] as number);
    return kept !== undefined && isLinkLocal(kept.address) ? undefined : kept;
  }

  /** The reason code for which a route cannot be sent; 0 when it can. */
  refusal(record: number, source: Source): number {
    const nextHop = this.#nextHop(record);
    if (nextHop === undefined) return HELD['no-own-next-hop'];
    const { family, extendedNextHop, maxMessage } = this.#profile;
    const long = nextHop.length > 4;
    if (family === 'ipv4-unicast' ? long && !extendedNextHop : !long) {
      return HELD['next-hop-family'];
    }
    const mp = long ? MP_REACH_OVERHEAD + nextHop.length : 0;
    const room = maxMessage - UPDATE_OVERHEAD - mp - this.#longestPrefix;
    if (MOST_GROWTH * this.#tables.records.length(record) + MOST_ADDED <= room) return 0;
    const block = new Writer();
    this.writeBlock(block, record, source);
    return block.length > room ? HELD['too-large'] : 0;
  }

  /** The next hop of a route that can be sent, where MP_REACH_NLRI has it. */
  mpNextHop(record: number): AddressBytes | undefined {
    const nextHop = this.#nextHop(record);
    return nextHop !== undefined && nextHop.length > 4 ? nextHop : undefined;
  }

  /** Appends the attribute block of a route that can be sent. */
  writeBlock(out: Writer, record: number, source: Source): void {
    const { records, clusterId } = this.#tables;
    const kept = this.keptNextHop(record);
    if (kept !== undefined && this.#mayReflect(record, source)) {
      records.reflect(out, record, source.remoteId, clusterId ?? 0);
      return;
    }
    const nextHop = kept?.address ?? this.#profile.ownNextHop;
    const attributes = records.attributes(record);
    writeAttributes(out, this.#outgoing(attributes, record, source, nextHop), this.#codec);
  }

  /** What a receiver makes of a block and the next hop of MP_REACH_NLRI. */
  decode(block: Buffer, mpNextHop: AddressBytes | undefined): PathAttributes {
    const reachable = mpNextHop === undefined ? 'classic' : 'mp';
    const decoded = decodeAttributes(block, 0, block.length, this.#codec, reachable);
    if (decoded.disposition === 'reset') throw decoded.error;
    const { attributes } = decoded;
    if (mpNextHop === undefined) return attributes;
    const linkLocalNextHop = mpNextHop.length === 32 ? mpNextHop.subarray(16) : undefined;
    return { ...attributes, nextHop: mpNextHop.subarray(0, 16), linkLocalNextHop };
  }

  #nextHop(record: number): AddressBytes | undefined {
    return this.keptNextHop(record)?.address ?? this.#profile.ownNextHop;
  }

  #mayReflect(record: number, source: Source): boolean {
    if (source.session !== 'ibgp' || isExternal(this.#profile.kind)) return false;
    if (this.#profile.drain === 'graceful') return false;
    const { records } = this.#tables;
    if (((records.columns.flags[record] as number) & VERBATIM) === 0) return false;
    return records.context(record).codec.as4 === this.#profile.as4;
  }

  #outgoing(
    attributes: PathAttributes,
    record: number,
    source: Source,
    nextHop: AddressBytes | undefined,
  ): PathAttributes {
    const common = { ...this.#leaving(attributes), nextHop, linkLocalNextHop: undefined };
    return isExternal(this.#profile.kind)
      ? this.#external(common, record, source)
      : this.#internal(common, source);
  }

  /** RFC 8326 §4: what is about to go away says so to other ASes, and is the last choice in ours. */
  #leaving(attributes: PathAttributes): PathAttributes {
    if (this.#profile.drain !== 'graceful') return attributes;
    if (!isExternal(this.#profile.kind)) return { ...attributes, localPref: 0 };
    return { ...attributes, communities: [...attributes.communities, GRACEFUL_SHUTDOWN_VALUE] };
  }

  /**
   * RFC 4271 §5.1.2 to §5.1.5: our AS in front; LOCAL_PREF, MED, RFC 4456 and the segments of a
   * confederation (RFC 5065 §4) stay at home. A route server leaves AS_PATH and MED alone (RFC 7947
   * §2.2).
   */
  #external(attributes: PathAttributes, record: number, source: Source): PathAttributes {
    const { kind, role, localAsn } = this.#profile;
    const transparent = kind === 'route-server-client' && source.session === 'ebgp';
    const edits = { ...newEdits(), prependAsPath: transparent ? [] : [localAsn] };
    const flags = this.#tables.records.columns.flags[record] as number;
    const asPath = attributes.asPath?.filter((segment) => !isConfed(segment));
    return {
      ...applyEdits({ ...attributes, asPath }, edits),
      localPref: undefined,
      med: transparent || (flags & MED_SET) !== 0 ? attributes.med : undefined,
      originatorId: undefined,
      clusterList: [],
      extendedCommunities: attributes.extendedCommunities.filter(isTransitive),
      otc: attributes.otc ?? (marksOutgoing(role) ? localAsn : undefined),
    };
  }

  /** RFC 4456 §8: ORIGINATOR_ID and CLUSTER_LIST only where an internal route goes on inside. */
  #internal(attributes: PathAttributes, source: Source): PathAttributes {
    const localPref = attributes.localPref ?? DEFAULT_LOCAL_PREF;
    if (source.session !== 'ibgp') {
      return { ...attributes, localPref, originatorId: undefined, clusterList: [] };
    }
    return {
      ...attributes,
      localPref,
      originatorId: attributes.originatorId ?? source.remoteId,
      clusterList: [this.#tables.clusterId ?? 0, ...attributes.clusterList],
    };
  }
}
