import type { AddressBytes } from '../net/address.ts';
import { afiOf, type Family } from '../net/family.ts';
import { endMessage } from '../wire/header.ts';
import { MAX_MESSAGE } from '../wire/message.ts';
import { MAX_NLRI_LENGTH, writeIpv4, writeIpv6, writePathId } from '../wire/nlri.ts';
import {
  copyOctets,
  endAttributes,
  endMpAttribute,
  MP_REACH_OVERHEAD,
  startAttributes,
  startMpReach,
  startMpUnreach,
  startUpdate,
  UPDATE_OVERHEAD,
} from '../wire/update-writer.ts';
import { Writer } from '../wire/writer.ts';
import { grownU16, grownU32 } from './columns.ts';
import type { Audience, Journal, Slab } from './journal.ts';
import type { OutTable } from './out-table.ts';
import type { PrefixTable } from './prefix-table.ts';

/** What the packer knows of the session's messages. */
export interface PackerOptions {
  readonly family: Family;
  readonly addPath: boolean;
}

/** What the packer asks about a route. */
export interface RouteEncoder {
  /** Members that are not sent it. */
  exceptOf(out: number): readonly number[];
  /** Where MP_REACH_NLRI has the next hop. */
  mpNextHop(out: number): AddressBytes | undefined;
  /** Appends the attribute block. */
  writeBlock(block: Writer, out: number): void;
}

/** A list of withdrawals that one or all members get; empty while `first` is 0. */
interface Withdrawals {
  first: number;
  last: number;
  except: readonly number[];
}

const NOBODY: readonly number[] = [];

/**
 * Gathers changes and writes them as full messages: prefixes that go with the same route share
 * UPDATEs, withdrawals share them all. Entries of the batch are linked by index, from 1.
 */
export class Packer {
  readonly #prefixes: PrefixTable;
  readonly #outs: OutTable;
  readonly #options: PackerOptions;
  #entries = 0;
  /** Where the last field of prefixes ended. */
  #at = 0;
  #prefixOf: Uint32Array = new Uint32Array(64);
  #slotOf: Uint16Array = new Uint16Array(64);
  #nextOf: Uint32Array = new Uint32Array(64);
  /** Routes with entries, in the order of their first. */
  #touched: Uint32Array = new Uint32Array(64);
  #touchedCount = 0;
  readonly #block = new Writer();
  readonly #withdrawnFromAll: Withdrawals = { first: 0, last: 0, except: NOBODY };
  /** By the member that alone gets them. */
  readonly #withdrawnFromOne = new Map<number, Withdrawals>();

  constructor(prefixes: PrefixTable, outs: OutTable, options: PackerOptions) {
    this.#prefixes = prefixes;
    this.#outs = outs;
    this.#options = options;
  }

  /** Changes gathered. */
  get size(): number {
    return this.#entries;
  }

  announce(out: number, prefix: number, slot: number): void {
    const entry = this.#add(prefix, slot);
    const { heads, tails } = this.#outs;
    if (heads[out] === 0) {
      heads[out] = entry;
      this.#touched = grownU32(this.#touched, this.#touchedCount);
      this.#touched[this.#touchedCount++] = out;
    } else {
      this.#nextOf[tails[out] as number] = entry;
    }
    tails[out] = entry;
  }

  /** `except` are members that never had the route; they are spared only if that suits the others. */
  withdraw(prefix: number, slot: number, from: 'all' | number, except: readonly number[]): void {
    const entry = this.#add(prefix, slot);
    const list = from === 'all' ? this.#withdrawnFromAll : this.#withdrawnFrom(from);
    if (list.first === 0) {
      list.first = entry;
      list.except = except;
    } else {
      this.#nextOf[list.last] = entry;
      if (list.except !== except) list.except = NOBODY;
    }
    list.last = entry;
  }

  #withdrawnFrom(member: number): Withdrawals {
    let list = this.#withdrawnFromOne.get(member);
    if (list === undefined) {
      list = { first: 0, last: 0, except: NOBODY };
      this.#withdrawnFromOne.set(member, list);
    }
    return list;
  }

  /** Writes everything gathered: withdrawals first, then each route's prefixes. */
  flush(journal: Journal, audience: Audience, routes: RouteEncoder): void {
    const { first, except } = this.#withdrawnFromAll;
    if (first !== 0) this.#writeWithdrawals(journal, first, 'all', except);
    this.#withdrawnFromAll.first = 0;
    if (this.#withdrawnFromOne.size > 0) this.#flushSingle(journal);
    for (let i = 0; i < this.#touchedCount; i++) {
      const out = this.#touched[i] as number;
      const first = this.#outs.heads[out] as number;
      this.#outs.heads[out] = 0;
      this.#block.clear();
      routes.writeBlock(this.#block, out);
      this.#writeRoutes(journal, first, routes.mpNextHop(out), audience, routes.exceptOf(out));
    }
    this.#touchedCount = 0;
    this.#entries = 0;
    journal.seal();
  }

  #flushSingle(journal: Journal): void {
    for (const [member, { first, except }] of this.#withdrawnFromOne) {
      this.#writeWithdrawals(journal, first, member, except);
    }
    this.#withdrawnFromOne.clear();
  }

  #add(prefix: number, slot: number): number {
    const entry = ++this.#entries;
    this.#prefixOf = grownU32(this.#prefixOf, entry);
    this.#slotOf = grownU16(this.#slotOf, entry);
    this.#nextOf = grownU32(this.#nextOf, entry);
    this.#prefixOf[entry] = prefix;
    this.#slotOf[entry] = slot;
    this.#nextOf[entry] = 0;
    return entry;
  }

  #writeWithdrawals(
    journal: Journal,
    first: number,
    audience: Audience,
    except: readonly number[],
  ): void {
    const { family } = this.#options;
    const classic = family === 'ipv4-unicast';
    for (let entry = first; entry !== 0; ) {
      const slab = journal.open(MAX_MESSAGE);
      const start = slab.used;
      const limit = start + MAX_MESSAGE - MAX_NLRI_LENGTH - (classic ? 2 : 0);
      const body = startUpdate(slab.bytes, start);
      let at = body;
      if (classic) {
        entry = this.#writePrefixes(journal, slab, entry, at, limit);
        at = startAttributes(slab.bytes, start, this.#at);
        endAttributes(slab.bytes, at, at);
      } else {
        const attributes = startAttributes(slab.bytes, start, body);
        at = startMpUnreach(slab.bytes, attributes, afiOf(family));
        entry = this.#writePrefixes(journal, slab, entry, at, limit);
        at = this.#at;
        endMpAttribute(slab.bytes, attributes, at);
        endAttributes(slab.bytes, attributes, at);
      }
      journal.append(slab, endMessage(slab.bytes, start, at), audience, except);
    }
  }

  /** Writes the prefixes of the route whose block was encoded last. */
  #writeRoutes(
    journal: Journal,
    first: number,
    mpNextHop: AddressBytes | undefined,
    audience: Audience,
    except: readonly number[],
  ): void {
    const { family } = this.#options;
    const { buffer, length } = this.#block;
    const mp = mpNextHop === undefined ? 0 : MP_REACH_OVERHEAD + mpNextHop.length;
    // Only attributes that need it make a message longer than the usual maximum.
    const size = Math.max(MAX_MESSAGE, UPDATE_OVERHEAD + mp + length + MAX_NLRI_LENGTH);
    for (let entry = first; entry !== 0; ) {
      const slab = journal.open(size);
      const { bytes, used: start } = slab;
      const attributes = startAttributes(bytes, start, startUpdate(bytes, start));
      let at = attributes;
      if (mpNextHop === undefined) {
        at = copyOctets(bytes, at, buffer, 0, length);
        endAttributes(bytes, attributes, at);
        entry = this.#writePrefixes(journal, slab, entry, at, start + size - MAX_NLRI_LENGTH);
        at = this.#at;
      } else {
        const limit = start + size - MAX_NLRI_LENGTH - length;
        at = startMpReach(bytes, at, afiOf(family), mpNextHop);
        entry = this.#writePrefixes(journal, slab, entry, at, limit);
        endMpAttribute(bytes, attributes, this.#at);
        at = copyOctets(bytes, this.#at, buffer, 0, length);
        endAttributes(bytes, attributes, at);
      }
      journal.append(slab, endMessage(bytes, start, at), audience, except);
    }
  }

  /** Writes prefixes from `entry` on as long as `at` is not beyond `limit`; returns the entry left. */
  #writePrefixes(
    journal: Journal,
    slab: Slab,
    first: number,
    start: number,
    limit: number,
  ): number {
    const { family, addPath } = this.#options;
    const { word0, word1, word2, word3, lengths } = this.#prefixes;
    const { bytes } = slab;
    let entry = first;
    let at = start;
    while (entry !== 0 && at <= limit) {
      const prefix = this.#prefixOf[entry] as number;
      const length = lengths[prefix] as number;
      if (addPath) at = writePathId(bytes, at, this.#slotOf[entry] as number);
      at =
        family === 'ipv4-unicast'
          ? writeIpv4(bytes, at, word0[prefix] as number, length)
          : writeIpv6(
              bytes,
              at,
              word0[prefix] as number,
              word1[prefix] as number,
              word2[prefix] as number,
              word3[prefix] as number,
              length,
            );
      journal.mention(slab, prefix);
      entry = this.#nextOf[entry] as number;
    }
    this.#at = at;
    return entry;
  }
}
