import { grownU32, IdPool } from './columns.ts';

/** Paths that a reader has been told of, as nodes in a list for each prefix; 0 ends a list. */
export class ToldPaths {
  /** Ids of `Tellings`. */
  tellings: Uint32Array = new Uint32Array(16);
  pathIds: Uint32Array = new Uint32Array(16);
  /** Records as told: as received, and after import policy, where 0 is none. */
  received: Uint32Array = new Uint32Array(16);
  accepted: Uint32Array = new Uint32Array(16);
  readonly #ids = new IdPool();
  #heads: Uint32Array = new Uint32Array(16);
  #next: Uint32Array = new Uint32Array(16);

  head(prefix: number): number {
    return this.#heads[prefix] ?? 0;
  }

  next(node: number): number {
    return this.#next[node] as number;
  }

  find(prefix: number, telling: number, pathId: number): number {
    let node = this.head(prefix);
    while (node !== 0 && !(this.tellings[node] === telling && this.pathIds[node] === pathId)) {
      node = this.next(node);
    }
    return node;
  }

  /** A new node, its records not yet set. */
  add(prefix: number, telling: number, pathId: number): number {
    const node = this.#ids.take();
    this.#heads = grownU32(this.#heads, prefix);
    this.#next = grownU32(this.#next, node);
    this.tellings = grownU32(this.tellings, node);
    this.pathIds = grownU32(this.pathIds, node);
    this.received = grownU32(this.received, node);
    this.accepted = grownU32(this.accepted, node);
    this.#next[node] = this.head(prefix);
    this.#heads[prefix] = node;
    this.tellings[node] = telling;
    this.pathIds[node] = pathId;
    return node;
  }

  remove(prefix: number, node: number): void {
    const next = this.next(node);
    if (this.#heads[prefix] === node) {
      this.#heads[prefix] = next;
    } else {
      let before = this.head(prefix);
      while (this.#next[before] !== node) before = this.next(before);
      this.#next[before] = next;
    }
    this.#ids.release(node);
  }
}
