import type { CodecContext } from '../wire/path-attributes.ts';
import { IdPool } from './columns.ts';

/** Under what the bytes of an attribute set were received: the same bytes may mean other things. */
export interface DecodeContext {
  readonly id: number;
  readonly codec: CodecContext;
  readonly reachable: 'classic' | 'mp';
  /** Our AS number in that session: how often it is in the path is counted once. */
  readonly localAsn: number;
  /** Zone of link-local next hops. */
  readonly interface: string;
}

interface Entry {
  readonly context: DecodeContext;
  readonly key: string;
  uses: number;
}

/**
 * The decode contexts in use, as small ids: as many as there are kinds of sessions, by AS number of
 * ours and by interface. Each is kept as long as a session or a record has it.
 */
export class DecodeContexts {
  readonly #ids = new IdPool();
  readonly #entries: Entry[] = [];
  readonly #known = new Map<string, Entry>();

  get size(): number {
    return this.#ids.size;
  }

  get(id: number): DecodeContext {
    return this.#entry(id).context;
  }

  /** The context of these values; counts one use of it. */
  use(
    codec: CodecContext,
    reachable: 'classic' | 'mp',
    localAsn: number,
    zone: string,
  ): DecodeContext {
    const { as4, kind, extendedNextHop, families } = codec;
    const key = JSON.stringify([as4, kind, extendedNextHop, families, reachable, localAsn, zone]);
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.uses++;
      return known.context;
    }
    const id = this.#ids.take();
    const context: DecodeContext = { id, codec, reachable, localAsn, interface: zone };
    const entry: Entry = { context, key, uses: 1 };
    this.#entries[id] = entry;
    this.#known.set(key, entry);
    return context;
  }

  retain(id: number): void {
    this.#entry(id).uses++;
  }

  release(id: number): void {
    const entry = this.#entry(id);
    if (--entry.uses > 0) return;
    this.#known.delete(entry.key);
    this.#ids.release(id);
  }

  #entry(id: number): Entry {
    return this.#entries[id] as Entry;
  }
}
