import { IdPool } from './columns.ts';
import type { SourceTable } from './source.ts';

interface Telling {
  readonly source: number;
  /** Paths told and not forgotten. */
  paths: number;
}

/**
 * Under which id a reader tells the paths of a source: another one each time that they are told
 * from the beginning, so that all that was told before is out of date at once.
 */
export class Tellings {
  readonly #sources: SourceTable;
  readonly #ids = new IdPool();
  readonly #tellings: (Telling | undefined)[] = [];
  /** By source id. */
  readonly #current = new Map<number, number>();

  constructor(sources: SourceTable) {
    this.#sources = sources;
  }

  sourceOf(id: number): number {
    return this.#get(id).source;
  }

  isCurrent(id: number): boolean {
    return this.#current.get(this.sourceOf(id)) === id;
  }

  /** The id under which a source is told now; 0 when nothing of it is. */
  current(source: number): number {
    return this.#current.get(source) ?? 0;
  }

  /** One more path of a source is told; the id stays until the last of them is forgotten. */
  tell(source: number): number {
    let id = this.current(source);
    if (id === 0) {
      id = this.#ids.take();
      this.#tellings[id] = { source, paths: 0 };
      this.#current.set(source, id);
    }
    this.#get(id).paths++;
    this.#sources.mention(source);
    return id;
  }

  /** A path told under this id is forgotten. */
  forget(id: number): void {
    const telling = this.#get(id);
    this.#sources.forget(telling.source);
    telling.paths--;
    if (telling.paths > 0) return;
    if (this.isCurrent(id)) this.#current.delete(telling.source);
    this.#tellings[id] = undefined;
    this.#ids.release(id);
  }

  /** What was told of a source so far is out of date. */
  renew(source: number): void {
    this.#current.delete(source);
  }

  #get(id: number): Telling {
    return this.#tellings[id] as Telling;
  }
}
