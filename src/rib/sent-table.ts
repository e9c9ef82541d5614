import { grownU16, grownU32, IdPool } from './columns.ts';

/**
 * What a group has sent, by prefix: a list of nodes, each a path slot and a route of the
 * `OutTable`. 0 ends a list.
 */
export interface SentTable {
  /** Paths sent. */
  readonly size: number;
  head(prefix: number): number;
  next(node: number): number;
  slot(node: number): number;
  out(node: number): number;
  /** The route sent for a slot, or 0. */
  get(prefix: number, slot: number): number;
  /** Stores the route for a slot; 0 takes it away. */
  set(prefix: number, slot: number, out: number): void;
  copy(): SentTable;
}

/** One path a prefix, its slot always 0: the node is the prefix itself. */
export class SinglePaths implements SentTable {
  #outs: Uint32Array = new Uint32Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  head(prefix: number): number {
    return this.#outs[prefix] ? prefix : 0;
  }

  next(): number {
    return 0;
  }

  slot(): number {
    return 0;
  }

  out(node: number): number {
    return this.#outs[node] as number;
  }

  get(prefix: number): number {
    return this.#outs[prefix] ?? 0;
  }

  set(prefix: number, _slot: number, out: number): void {
    if (prefix >= this.#outs.length) {
      if (out === 0) return;
      this.#outs = grownU32(this.#outs, prefix);
    }
    this.#size += Number(out !== 0) - Number(this.#outs[prefix] !== 0);
    this.#outs[prefix] = out;
  }

  copy(): SinglePaths {
    const table = new SinglePaths();
    table.#outs = this.#outs.slice();
    table.#size = this.#size;
    return table;
  }
}

/** Several paths a prefix (RFC 7911), as linked nodes. */
export class ManyPaths implements SentTable {
  #ids: IdPool = new IdPool();
  #heads: Uint32Array = new Uint32Array(16);
  #next: Uint32Array = new Uint32Array(16);
  #outs: Uint32Array = new Uint32Array(16);
  #slots: Uint16Array = new Uint16Array(16);

  get size(): number {
    return this.#ids.size;
  }

  head(prefix: number): number {
    return this.#heads[prefix] ?? 0;
  }

  next(node: number): number {
    return this.#next[node] as number;
  }

  slot(node: number): number {
    return this.#slots[node] as number;
  }

  out(node: number): number {
    return this.#outs[node] as number;
  }

  get(prefix: number, slot: number): number {
    const node = this.#find(prefix, slot);
    return node === 0 ? 0 : (this.#outs[node] as number);
  }

  set(prefix: number, slot: number, out: number): void {
    const known = this.#find(prefix, slot);
    if (out === 0) {
      if (known !== 0) this.#remove(prefix, known);
      return;
    }
    if (known !== 0) {
      this.#outs[known] = out;
      return;
    }
    const node = this.#ids.take();
    this.#heads = grownU32(this.#heads, prefix);
    this.#next = grownU32(this.#next, node);
    this.#outs = grownU32(this.#outs, node);
    this.#slots = grownU16(this.#slots, node);
    this.#next[node] = this.#heads[prefix] as number;
    this.#outs[node] = out;
    this.#slots[node] = slot;
    this.#heads[prefix] = node;
  }

  copy(): ManyPaths {
    const table = new ManyPaths();
    table.#ids = this.#ids.copy();
    table.#heads = this.#heads.slice();
    table.#next = this.#next.slice();
    table.#outs = this.#outs.slice();
    table.#slots = this.#slots.slice();
    return table;
  }

  #find(prefix: number, slot: number): number {
    let node = this.head(prefix);
    while (node !== 0 && this.#slots[node] !== slot) node = this.#next[node] as number;
    return node;
  }

  #remove(prefix: number, node: number): void {
    const next = this.#next[node] as number;
    if (this.#heads[prefix] === node) {
      this.#heads[prefix] = next;
    } else {
      let before = this.#heads[prefix] as number;
      while (this.#next[before] !== node) before = this.#next[before] as number;
      this.#next[before] = next;
    }
    this.#ids.release(node);
  }
}
