import { mix } from '../net/mix.ts';
import { grownU16, grownU32, IdPool, roomOf } from './columns.ts';
import { IdIndex } from './id-index.ts';
import type { RecordTable } from './record-table.ts';
import type { SourceTable } from './source.ts';

const LEAST = 16;

/**
 * The distinct routes that an update group sends, without prefixes: a record from a source, as ids
 * with reference counts.
 */
export class OutTable {
  records: Uint32Array = new Uint32Array(LEAST);
  sources: Uint32Array = new Uint32Array(LEAST);
  /** Index of the rules under which it was made; only routes of the present ones are found. */
  generations: Uint16Array = new Uint16Array(LEAST);
  generation = 0;
  /** Paths now sent with a source's routes, by source id. */
  sentBySource: Uint32Array = new Uint32Array(LEAST);
  /** First and last entry of the batch that is being packed; 0 is none (`packer.ts`). */
  heads: Uint32Array = new Uint32Array(LEAST);
  tails: Uint32Array = new Uint32Array(LEAST);
  readonly #recordTable: RecordTable;
  readonly #sourceTable: SourceTable;
  #ids: IdPool = new IdPool();
  /** Routes of the present generation. */
  readonly #index: IdIndex = new IdIndex();
  #references: Uint32Array = new Uint32Array(LEAST);
  #room = 0;

  constructor(records: RecordTable, sources: SourceTable) {
    this.#recordTable = records;
    this.#sourceTable = sources;
  }

  get size(): number {
    return this.#ids.size;
  }

  find(record: number, source: number): number {
    const hash = hashOf(record, source);
    for (let id = this.#index.first(hash); id !== 0; id = this.#index.again(hash)) {
      if (this.records[id] === record && this.sources[id] === source) return id;
    }
    return 0;
  }

  /** Adds a route that `find` did not find; it has no reference yet. */
  add(record: number, source: number): number {
    const id = this.#ids.take();
    this.#grow(id, source);
    this.records[id] = this.#recordTable.retain(record);
    this.sources[id] = source;
    this.generations[id] = this.generation;
    this.heads[id] = 0;
    this.#references[id] = 0;
    this.#sourceTable.mention(source);
    this.#index.insert(hashOf(record, source), id);
    return id;
  }

  retain(id: number): void {
    const source = this.sources[id] as number;
    this.#references[id] = (this.#references[id] as number) + 1;
    this.sentBySource[source] = (this.sentBySource[source] as number) + 1;
  }

  release(id: number): void {
    const source = this.sources[id] as number;
    const left = (this.#references[id] as number) - 1;
    this.#references[id] = left;
    this.sentBySource[source] = (this.sentBySource[source] as number) - 1;
    if (left === 0) this.discard(id);
  }

  /** Takes out a route without references. */
  discard(id: number): void {
    if (this.#references[id] !== 0) return;
    const source = this.sources[id] as number;
    const record = this.records[id] as number;
    if (this.generations[id] === this.generation) {
      this.#index.remove(hashOf(record, source), id);
    }
    this.#recordTable.release(record);
    this.#sourceTable.forget(source);
    this.#ids.release(id);
  }

  /**
   * The same routes under the same ids, as older generations of another group: the ones still in
   * use, of which `inUse` names the former numbers.
   */
  copy(): { readonly table: OutTable; readonly inUse: readonly number[] } {
    const inUse: number[] = [];
    const table = new OutTable(this.#recordTable, this.#sourceTable);
    table.records = this.records.slice();
    table.sources = this.sources.slice();
    table.generations = new Uint16Array(this.generations.length);
    table.sentBySource = this.sentBySource.slice();
    table.heads = new Uint32Array(this.heads.length);
    table.tails = new Uint32Array(this.tails.length);
    table.#references = this.#references.slice();
    table.#ids = this.#ids.copy();
    for (let id = 1; id < this.#ids.limit; id++) {
      if (this.#references[id] === 0) continue;
      this.#recordTable.retain(this.records[id] as number);
      const generation = this.generations[id] as number;
      const known = inUse.indexOf(generation);
      table.generations[id] = known < 0 ? inUse.push(generation) - 1 : known;
      this.#sourceTable.mention(this.sources[id] as number);
    }
    table.generation = inUse.length;
    return { table, inUse };
  }

  #grow(id: number, source: number): void {
    this.sentBySource = grownU32(this.sentBySource, source);
    if (id < this.#room) return;
    this.records = grownU32(this.records, id);
    this.sources = grownU32(this.sources, id);
    this.generations = grownU16(this.generations, id);
    this.heads = grownU32(this.heads, id);
    this.tails = grownU32(this.tails, id);
    this.#references = grownU32(this.#references, id);
    const { records, sources, generations, heads, tails } = this;
    this.#room = roomOf(records, sources, generations, heads, tails, this.#references);
  }
}

const hashOf = (record: number, source: number): number => mix(mix(record) ^ source);
