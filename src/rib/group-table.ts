import type { AddressBytes } from '../net/address.ts';
import type { PathAttributes } from '../wire/path-attributes.ts';
import { Writer } from '../wire/writer.ts';
import { grownU16, grownU32 } from './columns.ts';
import { ExportRules, type ExportTables } from './export-rules.ts';
import type { FamilyTable } from './family-table.ts';
import type { GroupProfile } from './group-key.ts';
import type { Audience, Journal } from './journal.ts';
import type { Member } from './member.ts';
import type { OutEncoder } from './out-encoder.ts';
import { OutTable } from './out-table.ts';
import { Packer, type RouteEncoder } from './packer.ts';
import { ManyPaths, type SentTable, SinglePaths } from './sent-table.ts';
import { TableWalk } from './table-walk.ts';

const NOBODY: readonly number[] = [];

/** What an update group has sent of each prefix, and the packing of what changes. */
export class GroupTable implements RouteEncoder {
  readonly sent: SentTable;
  readonly outs: OutTable;
  readonly rules: ExportRules;
  readonly #addPath: boolean;
  readonly #tables: ExportTables;
  readonly #table: FamilyTable;
  readonly #members: ReadonlyMap<number, Member>;
  readonly #packer: Packer;
  /** By generation of `outs`; the last one is in force. */
  readonly #encoders: OutEncoder[];
  /** Slots and routes that a prefix should have. */
  #slots: Uint16Array = new Uint16Array(16);
  #wanted: Uint32Array = new Uint32Array(16);
  #count = 0;
  #comparedA = 0;
  #comparedB = 0;
  #compared = false;
  /** The last route decoded. */
  #decoded = 0;
  #attributes: PathAttributes | undefined;

  constructor(
    profile: GroupProfile,
    table: FamilyTable,
    tables: ExportTables,
    members: ReadonlyMap<number, Member>,
    origin?: GroupTable,
  ) {
    this.#addPath = profile.addPath;
    this.#table = table;
    this.#tables = tables;
    this.#members = members;
    this.sent = origin?.sent.copy() ?? (profile.addPath ? new ManyPaths() : new SinglePaths());
    const copied = origin?.outs.copy();
    this.outs = copied?.table ?? new OutTable(tables.records, tables.sources);
    this.rules = new ExportRules(tables, table, profile, this.outs);
    const older = origin === undefined ? [] : origin.#encoders;
    this.#encoders = (copied?.inUse ?? []).map((generation) => older[generation] as OutEncoder);
    this.#encoders.push(this.rules.encoder);
    this.#packer = new Packer(table.prefixes, this.outs, profile);
  }

  /** Rules that routes now sent were made under, and the present ones. */
  get generations(): number {
    return this.#encoders.length;
  }

  /** Changes gathered and not yet flushed. */
  get packed(): number {
    return this.#packer.size;
  }

  /** Gathers what must be sent for a prefix now; true when that is anything. */
  update(prefix: number): boolean {
    if (this.#addPath) return this.#updateMany(prefix);
    const { heads, decisions } = this.#table.prefixes;
    const out = decisions[prefix] === 0 ? 0 : this.rules.judge(heads[prefix] as number, prefix);
    return this.#change(prefix, 0, out);
  }

  /** Gathers everything that was sent for a prefix. */
  repeat(prefix: number): void {
    const { sent } = this;
    for (let node = sent.head(prefix); node !== 0; node = sent.next(node)) {
      this.#packer.announce(sent.out(node), prefix, sent.slot(node));
    }
  }

  /** Gathers what a member that may know anything of a prefix must be told of it. */
  correct(prefix: number, member: number): void {
    const { sent } = this;
    const slots = this.#addPath ? (this.#table.prefixes.slots[prefix] as number) : 0;
    for (let slot = Math.min(1, slots); slot <= slots; slot++) {
      const out = sent.get(prefix, slot);
      if (out !== 0 && !this.exceptOf(out).includes(member)) {
        this.#packer.announce(out, prefix, slot);
      } else {
        this.#packer.withdraw(prefix, slot, member, NOBODY);
      }
    }
  }

  flush(journal: Journal, audience: Audience): void {
    this.#packer.flush(journal, audience, this);
  }

  /** True when a prefix was sent otherwise by another group than by this one. */
  differs(prefix: number, other: GroupTable): boolean {
    const { sent } = this;
    let count = 0;
    for (let node = sent.head(prefix); node !== 0; node = sent.next(node)) {
      const theirs = other.sent.get(prefix, sent.slot(node));
      if (theirs === 0 || !this.#isSame(sent.out(node), theirs, other)) return true;
      count++;
    }
    for (let node = other.sent.head(prefix); node !== 0; node = other.sent.next(node)) count--;
    return count !== 0;
  }

  /** Members that are not sent a route: its source, and whoever is its next hop. */
  exceptOf(out: number): readonly number[] {
    const { except } = this.#tables.sources.get(this.outs.sources[out] as number);
    const kept = this.#encoderOf(out).keptNextHop(this.outs.records[out] as number);
    const receivers = kept?.receivers ?? NOBODY;
    if (receivers.length === 0) return except;
    if (receivers.every((id) => except.includes(id))) return except;
    return [...new Set([...except, ...receivers])];
  }

  /** Where MP_REACH_NLRI has the next hop of a route, as it was or will be sent. */
  mpNextHop(out: number): AddressBytes | undefined {
    return this.#encoderOf(out).mpNextHop(this.outs.records[out] as number);
  }

  /** Appends the attribute block of a route, as it was or will be sent. */
  writeBlock(block: Writer, out: number): void {
    const source = this.#tables.sources.get(this.outs.sources[out] as number);
    this.#encoderOf(out).writeBlock(block, this.outs.records[out] as number, source);
  }

  /** A route as its receivers see it. Only the last one is remembered. */
  attributes(out: number): PathAttributes {
    if (out === this.#decoded && this.#attributes !== undefined) return this.#attributes;
    this.#decoded = out;
    this.#attributes = this.#encoderOf(out).decode(this.#blockOf(out), this.mpNextHop(out));
    return this.#attributes;
  }

  /** What a member was sent of a prefix. */
  *sentTo(
    member: Member,
    prefix: number,
  ): Generator<{ readonly slot: number; readonly out: number }> {
    const { sent } = this;
    for (let node = sent.head(prefix); node !== 0; node = sent.next(node)) {
      const out = sent.out(node);
      if (!this.exceptOf(out).includes(member.id)) yield { slot: sent.slot(node), out };
    }
  }

  /** True when anything is sent of a prefix. */
  has(prefix: number): boolean {
    return this.sent.head(prefix) !== 0;
  }

  /** Lets go of every route, in slices. */
  close(): void {
    const { sent, outs } = this;
    const walk = new TableWalk(this.#table.prefixes);
    walk.begin();
    const release = (prefix: number): void => {
      for (let node = sent.head(prefix); node !== 0; node = sent.next(node)) {
        outs.release(sent.out(node));
      }
    };
    this.#tables.inSlices(() => walk.step(release));
  }

  #updateMany(prefix: number): boolean {
    this.#collect(prefix);
    let changed = false;
    const { sent } = this;
    for (let node = sent.head(prefix); node !== 0; ) {
      const slot = sent.slot(node);
      node = sent.next(node);
      if (!this.#wants(slot) && this.#change(prefix, slot, 0)) changed = true;
    }
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#slots[i] as number;
      if (this.#change(prefix, slot, this.#wanted[i] as number)) changed = true;
    }
    for (let i = 0; i < this.#count; i++) this.outs.release(this.#wanted[i] as number);
    return changed;
  }

  /**
   * Finds the routes that a prefix should have, and retains them: one that leaves a slot may be on
   * its way into another, where a neighbour gave the same path another path identifier.
   */
  #collect(prefix: number): void {
    const { paths, prefixes, decision } = this.#table;
    this.#count = 0;
    let row = prefixes.decisions[prefix] === 0 ? 0 : (prefixes.heads[prefix] as number);
    for (; row !== 0; row = paths.next[row] as number) {
      if (!decision.eligible(row)) continue;
      const out = this.rules.judge(row, prefix);
      if (out === 0) continue;
      this.outs.retain(out);
      const at = this.#count++;
      this.#slots = grownU16(this.#slots, at);
      this.#wanted = grownU32(this.#wanted, at);
      this.#slots[at] = paths.slots[row] as number;
      this.#wanted[at] = out;
    }
  }

  #wants(slot: number): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#slots[i] === slot) return true;
    return false;
  }

  #change(prefix: number, slot: number, out: number): boolean {
    const { sent, outs } = this;
    const old = sent.get(prefix, slot);
    if (old === out) return false;
    if (out !== 0) outs.retain(out);
    const changed = old === 0 || out === 0 || !this.#isOlderSame(old, out);
    if (changed) this.#pack(prefix, slot, old, out);
    sent.set(prefix, slot, out);
    if (old !== 0) outs.release(old);
    return changed;
  }

  #pack(prefix: number, slot: number, old: number, out: number): void {
    if (out === 0) {
      this.#packer.withdraw(prefix, slot, 'all', this.exceptOf(old));
      return;
    }
    this.#packer.announce(out, prefix, slot);
    if (old === 0) return;
    const before = this.exceptOf(old);
    const after = this.exceptOf(out);
    if (before === after) return;
    // Whoever had the old route and must not get the new one has none.
    for (const id of after) {
      if (!before.includes(id) && this.#members.has(id)) {
        this.#packer.withdraw(prefix, slot, id, NOBODY);
      }
    }
  }

  /** A route made under older rules that looks the same under the present ones. */
  #isOlderSame(old: number, out: number): boolean {
    if (this.outs.generations[old] === this.outs.generation) return false;
    return this.#isSame(out, old, this);
  }

  #isSame(ours: number, theirs: number, other: GroupTable): boolean {
    if (ours === this.#comparedA && theirs === this.#comparedB) return this.#compared;
    this.#comparedA = ours;
    this.#comparedB = theirs;
    this.#compared =
      this.#blockOf(ours).equals(other.#blockOf(theirs)) &&
      Buffer.compare(this.mpNextHop(ours) ?? EMPTY, other.mpNextHop(theirs) ?? EMPTY) === 0 &&
      String(this.exceptOf(ours)) === String(other.exceptOf(theirs));
    return this.#compared;
  }

  /** Ids may be used again between two runs: nothing compared or decoded is remembered longer. */
  begin(): void {
    this.rules.forget();
    this.#comparedA = 0;
    this.#decoded = 0;
  }

  #blockOf(out: number): Buffer {
    const block = new Writer();
    this.writeBlock(block, out);
    return block.done();
  }

  #encoderOf(out: number): OutEncoder {
    return this.#encoders[this.outs.generations[out] as number] as OutEncoder;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
