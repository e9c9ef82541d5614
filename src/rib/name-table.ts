import { IdPool } from './columns.ts';

/** Names as small ids, kept as long as something uses them; 0 stands for no name. */
export class NameTable {
  readonly #ids = new IdPool();
  readonly #known = new Map<string, number>();
  readonly #names: string[] = [''];
  readonly #uses: number[] = [0];

  get size(): number {
    return this.#ids.size;
  }

  /** Counts one use of a name and returns its id. */
  use(name: string): number {
    if (name === '') return 0;
    const known = this.#known.get(name);
    const id = known ?? this.#ids.take();
    this.#uses[id] = known === undefined ? 1 : (this.#uses[id] ?? 0) + 1;
    this.#names[id] = name;
    this.#known.set(name, id);
    return id;
  }

  release(id: number): void {
    if (id === 0) return;
    const left = (this.#uses[id] ?? 0) - 1;
    this.#uses[id] = left;
    if (left > 0) return;
    this.#known.delete(this.get(id));
    this.#ids.release(id);
  }

  get(id: number): string {
    return this.#names[id] ?? '';
  }
}
