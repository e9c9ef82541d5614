import { mix } from '../net/mix.ts';
import { type DecodedAttributes, decodeAttributes } from '../wire/decode-attributes.ts';
import { encodeAttributes } from '../wire/encode-attributes.ts';
import type { CodecContext, PathAttributes } from '../wire/path-attributes.ts';
import { reflectAttributes } from '../wire/reflect-attributes.ts';
import { AttributeScan, scanAttributes } from '../wire/scan-attributes.ts';
import {
  endMpAttribute,
  MP_REACH_OVERHEAD,
  startMpReach,
  writeBytes,
} from '../wire/update-writer.ts';
import type { Writer } from '../wire/writer.ts';
import { ByteArena } from './byte-arena.ts';
import { grownU16, grownU32, IdPool, roomOf, staggered } from './columns.ts';
import { type DecodeContext, DecodeContexts } from './decode-context.ts';
import { hashBytes } from './hash.ts';
import { IdIndex } from './id-index.ts';
import { NameTable } from './name-table.ts';
import type { NextHopTable } from './next-hop-table.ts';
import { MED_SET, NEXT_HOP_SELF, REPAIRED, RecordColumns, VERBATIM } from './record-columns.ts';
import type { LocalRoute } from './types.ts';

const LEAST = 64;
const NONE = 0xffffffff;
/** Decoded records that are remembered. */
const DECODED = 8;

/** What a policy gave a route besides attributes. */
export interface RecordExtras {
  readonly preference: number | undefined;
  readonly metric: number | undefined;
  readonly tunnel: string | undefined;
  readonly medSet: boolean;
  readonly nextHopSelf: boolean;
  /** Zone of a link-local next hop; empty otherwise. */
  readonly zone: string;
}

/** How records that we made ourselves are encoded: 4-octet AS numbers, everything allowed. */
const OWN_CODEC: CodecContext = {
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: ['ipv4-unicast', 'ipv6-unicast'],
  maxMessage: 65535,
  extendedNextHop: true,
};

/**
 * Interned attribute sets, and the origins of local routes, as dense ids with reference counts.
 * An attribute set is known by its received bytes together with its decode context, and by what
 * policies added to it. Everything that interns gives the caller one reference.
 */
export class RecordTable {
  readonly contexts: DecodeContexts = new DecodeContexts();
  readonly columns: RecordColumns = new RecordColumns();
  /** Why the last `intern` returned 0. */
  refused: DecodedAttributes | undefined;
  readonly #nextHops: NextHopTable;
  readonly #seed: number;
  readonly #ids = new IdPool();
  readonly #index = new IdIndex();
  readonly #arena = new ByteArena();
  readonly #scan = new AttributeScan();
  readonly #locals = new Map<number, LocalRoute>();
  readonly #tunnels = new NameTable();
  readonly #clusterId: number | undefined;
  #starts: Uint32Array = new Uint32Array(staggered(LEAST, 5));
  #lengths: Uint16Array = new Uint16Array(staggered(LEAST, 7));
  #contextIds: Uint16Array = new Uint16Array(staggered(LEAST, 9));
  #references: Uint32Array = new Uint32Array(staggered(LEAST, 11));
  #hashes: Uint32Array = new Uint32Array(staggered(LEAST, 13));
  #preferences: Uint32Array = new Uint32Array(staggered(LEAST, 15));
  #metrics: Uint32Array = new Uint32Array(staggered(LEAST, 1));
  #tunnelIds: Uint16Array = new Uint16Array(staggered(LEAST, 3));
  #room = 0;
  /** The last record decoded of those whose ids end alike. */
  readonly #decodedIds: Uint32Array = new Uint32Array(DECODED);
  readonly #decoded: PathAttributes[] = [];

  constructor(nextHops: NextHopTable, clusterId: number | undefined, seed: number) {
    this.#nextHops = nextHops;
    this.#clusterId = clusterId;
    this.#seed = seed;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Names of tunnels that records have. */
  get tunnels(): number {
    return this.#tunnels.size;
  }

  /** Octets reserved for attribute blocks. */
  get bytes(): number {
    return this.#arena.capacity;
  }

  /** Interns a received block; 0 when RFC 7606 refuses it, with the reason in `refused`. */
  intern(bytes: Buffer, start: number, end: number, context: DecodeContext): number {
    const hash = this.#hash(bytes, start, end, context.id, 0);
    for (let id = this.#index.first(hash); id !== 0; id = this.#index.again(hash)) {
      if (this.#isBlock(id, bytes, start, end, context.id)) return this.retain(id);
    }
    const { codec, reachable } = context;
    if (scanAttributes(bytes, start, end, codec, reachable, this.#scan)) {
      return this.#addScanned(bytes, start, end, context, hash);
    }
    const decoded = decodeAttributes(bytes, start, end, codec, reachable);
    if (decoded.disposition !== 'accept') {
      this.refused = decoded;
      return 0;
    }
    const id = this.#add(bytes, start, end, context, hash);
    this.#fill(id, decoded.attributes, context);
    const { flags } = this.columns;
    if (decoded.verbatim) flags[id] = (flags[id] as number) | VERBATIM;
    if (decoded.remedies.length > 0) flags[id] = (flags[id] as number) | REPAIRED;
    return id;
  }

  /** Interns attributes that we made, with what policies added. */
  derive(attributes: PathAttributes, extras: RecordExtras): number {
    const block = ownBlock(attributes);
    const long = attributes.nextHop !== undefined && attributes.nextHop.length > 4;
    const context = this.contexts.use(OWN_CODEC, long ? 'mp' : 'classic', 0, extras.zone);
    const tunnel = this.#tunnels.use(extras.tunnel ?? '');
    const preference = extras.preference ?? NONE;
    const metric = extras.metric ?? NONE;
    const own = (extras.medSet ? MED_SET : 0) | (extras.nextHopSelf ? NEXT_HOP_SELF : 0);
    const salt = mix(mix(mix(preference) ^ metric) ^ (own + (tunnel << 16)));
    const hash = this.#hash(block, 0, block.length, context.id, salt);
    for (let id = this.#index.first(hash); id !== 0; id = this.#index.again(hash)) {
      const same =
        this.#isBlock(id, block, 0, block.length, context.id) &&
        this.#preferences[id] === preference &&
        this.#metrics[id] === metric &&
        this.#tunnelIds[id] === tunnel &&
        ((this.columns.flags[id] as number) & (MED_SET | NEXT_HOP_SELF)) === own;
      if (!same) continue;
      this.#tunnels.release(tunnel);
      this.contexts.release(context.id);
      return this.retain(id);
    }
    const id = this.#add(block, 0, block.length, context, hash);
    this.contexts.release(context.id);
    this.#fill(id, attributes, context);
    this.columns.flags[id] = (this.columns.flags[id] as number) | own;
    this.#preferences[id] = preference;
    this.#metrics[id] = metric;
    this.#tunnelIds[id] = tunnel;
    return id;
  }

  /** A record with other attributes, and all else as it is; the caller owns a reference. */
  amend(id: number, attributes: PathAttributes): number {
    const flags = this.columns.flags[id] as number;
    return this.derive(attributes, {
      preference: this.preference(id),
      metric: this.metric(id),
      tunnel: this.tunnel(id),
      medSet: (flags & MED_SET) !== 0,
      nextHopSelf: (flags & NEXT_HOP_SELF) !== 0,
      zone: this.context(id).interface,
    });
  }

  /** A record for a local route; it is never shared. */
  addLocal(route: LocalRoute): number {
    const id = this.#ids.take();
    this.#grow(id);
    this.#references[id] = 1;
    this.#preferences[id] = route.preference ?? NONE;
    this.#metrics[id] = route.metric ?? NONE;
    this.#tunnelIds[id] = 0;
    this.columns.nextHops[id] = 0;
    this.columns.flags[id] = 0;
    this.#locals.set(id, route);
    return id;
  }

  retain(id: number): number {
    this.#references[id] = (this.#references[id] as number) + 1;
    return id;
  }

  release(id: number): void {
    const left = (this.#references[id] as number) - 1;
    this.#references[id] = left;
    if (left > 0) return;
    if (this.#decodedIds[id % DECODED] === id) this.#decodedIds[id % DECODED] = 0;
    if (!this.#locals.delete(id)) {
      this.#index.remove(this.#hashes[id] as number, id);
      this.#arena.release(this.#starts[id] as number, this.#lengths[id] as number);
      this.#nextHops.release(this.columns.nextHops[id] as number);
      this.#tunnels.release(this.#tunnelIds[id] as number);
      this.contexts.release(this.#contextIds[id] as number);
    }
    this.#ids.release(id);
  }

  /** The local route behind a record; undefined for attribute sets. */
  local(id: number): LocalRoute | undefined {
    return this.#locals.get(id);
  }

  /** Preference that a policy or the local route gave; undefined: the source's. */
  preference(id: number): number | undefined {
    return given(this.#preferences[id] as number);
  }

  metric(id: number): number | undefined {
    return given(this.#metrics[id] as number);
  }

  tunnel(id: number): string | undefined {
    return this.#tunnels.get(this.#tunnelIds[id] as number) || undefined;
  }

  context(id: number): DecodeContext {
    return this.contexts.get(this.#contextIds[id] as number);
  }

  /** The block as interned; a view that is valid while the record lives. */
  block(id: number): Buffer {
    const start = this.#starts[id] as number;
    const at = this.#arena.offset(start);
    return this.#arena.page(start).subarray(at, at + (this.#lengths[id] as number));
  }

  /** Octets of the block. */
  length(id: number): number {
    return this.#lengths[id] as number;
  }

  /** Appends the block as a reflector sends it on; the record must be `VERBATIM`. */
  reflect(out: Writer, id: number, originatorId: number, clusterId: number): void {
    const start = this.#starts[id] as number;
    const at = this.#arena.offset(start);
    const end = at + (this.#lengths[id] as number);
    reflectAttributes(out, this.#arena.page(start), at, end, originatorId, clusterId);
  }

  /** The decoded attributes of a record that is not local. Only the last few are remembered. */
  attributes(id: number): PathAttributes {
    const at = id % DECODED;
    const known = this.#decoded[at];
    if (known !== undefined && this.#decodedIds[at] === id) return known;
    const decoded = this.decode(id);
    if (decoded.disposition === 'reset') throw decoded.error;
    this.#decodedIds[at] = id;
    this.#decoded[at] = decoded.attributes;
    return decoded.attributes;
  }

  /** Decodes the block again, with the remedies of RFC 7606. */
  decode(id: number): DecodedAttributes {
    const { codec, reachable } = this.context(id);
    const block = this.block(id);
    return decodeAttributes(block, 0, block.length, codec, reachable);
  }

  #isBlock(id: number, bytes: Buffer, start: number, end: number, context: number): boolean {
    return (
      this.#lengths[id] === end - start &&
      this.#contextIds[id] === context &&
      this.#arena.equals(this.#starts[id] as number, bytes, start, end)
    );
  }

  #hash(bytes: Buffer, start: number, end: number, context: number, salt: number): number {
    return hashBytes(bytes, start, end, this.#seed ^ Math.imul(context + 1, 0x9e3779b1) ^ salt);
  }

  #add(bytes: Buffer, start: number, end: number, context: DecodeContext, hash: number): number {
    const id = this.#ids.take();
    this.#grow(id);
    this.#starts[id] = this.#arena.store(bytes, start, end);
    this.#lengths[id] = end - start;
    this.#contextIds[id] = context.id;
    this.contexts.retain(context.id);
    this.#references[id] = 1;
    this.#hashes[id] = hash;
    this.#preferences[id] = NONE;
    this.#metrics[id] = NONE;
    this.#tunnelIds[id] = 0;
    this.#index.insert(hash, id);
    return id;
  }

  /** A block that is as usual: its columns are read off it. */
  #addScanned(
    bytes: Buffer,
    start: number,
    end: number,
    context: DecodeContext,
    hash: number,
  ): number {
    const scan = this.#scan;
    const { columns } = this;
    const { codec, localAsn } = context;
    const id = this.#add(bytes, start, end, context, hash);
    columns.fillScanned(id, bytes, scan, codec.as4 ? 4 : 2, localAsn, this.#clusterId);
    columns.flags[id] = (columns.flags[id] as number) | VERBATIM;
    const { nextHopStart, nextHopEnd } = scan;
    columns.nextHops[id] = this.#nextHops.useAt(bytes, nextHopStart, nextHopEnd, context.interface);
    return id;
  }

  #fill(id: number, attributes: PathAttributes, context: DecodeContext): void {
    this.columns.fill(id, attributes, context.localAsn, this.#clusterId);
    const { nextHop, linkLocalNextHop } = attributes;
    this.columns.nextHops[id] =
      nextHop === undefined ? 0 : this.#nextHops.use(nextHop, linkLocalNextHop, context.interface);
  }

  #grow(id: number): void {
    if (id < this.#room) return;
    this.columns.grow(id);
    this.#starts = grownU32(this.#starts, id);
    this.#lengths = grownU16(this.#lengths, id);
    this.#contextIds = grownU16(this.#contextIds, id);
    this.#references = grownU32(this.#references, id);
    this.#hashes = grownU32(this.#hashes, id);
    this.#preferences = grownU32(this.#preferences, id);
    this.#metrics = grownU32(this.#metrics, id);
    this.#tunnelIds = grownU16(this.#tunnelIds, id);
    const own = roomOf(
      this.#starts,
      this.#lengths,
      this.#contextIds,
      this.#references,
      this.#hashes,
      this.#preferences,
      this.#metrics,
      this.#tunnelIds,
    );
    this.#room = Math.min(own, this.columns.room);
  }
}

const given = (value: number): number | undefined => (value === NONE ? undefined : value);

/** Attributes as a block that `decodeAttributes` reads back, the next hop included. */
function ownBlock(attributes: PathAttributes): Buffer {
  const encoded = encodeAttributes(attributes, OWN_CODEC);
  const { nextHop, linkLocalNextHop } = attributes;
  if (nextHop === undefined || nextHop.length === 4) return encoded;
  const octets =
    linkLocalNextHop === undefined ? nextHop : Buffer.concat([nextHop, linkLocalNextHop]);
  const out = Buffer.alloc(MP_REACH_OVERHEAD + octets.length + encoded.length);
  const end = startMpReach(out, 0, 2, octets);
  endMpAttribute(out, 0, end);
  return out.subarray(0, writeBytes(out, end, encoded));
}
