import { equalPrefixes, type Prefix, prefixFamily } from '../net/prefix.ts';
import { IdPool } from './columns.ts';
import { addressWords } from './prefix-table.ts';
import type { RibState } from './rib-state.ts';
import { LOCAL } from './source.ts';
import type { LocalRoute } from './types.ts';

interface Entry {
  readonly number: number;
  readonly route: LocalRoute;
}

/** The routes of this machine, by key: paths of the source `LOCAL`, and what resolves next hops. */
export class LocalTable {
  readonly #state: RibState;
  readonly #entries = new Map<string, Entry>();
  readonly #numbers = new IdPool();

  constructor(state: RibState) {
    this.#state = state;
  }

  get size(): number {
    return this.#entries.size;
  }

  put(key: string, route: LocalRoute): void {
    const known = this.#entries.get(key);
    if (known !== undefined && !equalPrefixes(known.route.prefix, route.prefix)) this.remove(key);
    else if (known !== undefined) this.#state.local.remove(known.route);
    const number = this.#entries.get(key)?.number ?? this.#numbers.take();
    this.#entries.set(key, { number, route });
    this.#announce(number, route);
    this.#state.local.put(route);
    this.#resolve(route.prefix);
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const { number, route } = entry;
    this.#entries.delete(key);
    this.#numbers.release(number);
    const table = this.#state.families[prefixFamily(route.prefix)];
    const prefix = table.prefixes.find(...addressWords(route.prefix.address), route.prefix.length);
    table.withdraw(prefix, this.#state.sources.get(LOCAL), number);
    this.#state.local.remove(route);
    this.#resolve(route.prefix);
  }

  #announce(number: number, route: LocalRoute): void {
    const { records, sources, families } = this.#state;
    const table = families[prefixFamily(route.prefix)];
    const { address, length } = route.prefix;
    const prefix = table.prefixes.intern(...addressWords(address), length);
    const record = records.addLocal(route);
    const content = { received: record, effective: record, reason: 0 };
    table.announce(prefix, sources.get(LOCAL), number, content, this.#state.seconds());
    records.release(record);
  }

  #resolve(prefix: Prefix): void {
    this.#state.movedNextHops.add(this.#state.nextHops.localChanged(prefix));
    this.#state.schedule();
  }
}
