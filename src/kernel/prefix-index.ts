import { mix } from '../net/mix.ts';
import type { Prefix } from '../net/prefix.ts';

/** V8 hashes numbers, other than texts, without a seed: peers must not choose what collides. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/** A map from prefixes to values for whole tables: IPv4 is looked up by number, without a text. */
export class PrefixIndex<V> {
  /** By prefix length, then by scattered address. */
  readonly #ipv4: (Map<number, V> | undefined)[] = Array.from({ length: 33 });
  readonly #ipv6 = new Map<string, V>();

  get size(): number {
    return this.#ipv4.reduce((sum, map) => sum + (map?.size ?? 0), this.#ipv6.size);
  }

  get(prefix: Prefix): V | undefined {
    if (prefix.address.length !== 4) return this.#ipv6.get(textOf(prefix));
    return this.#ipv4[prefix.length]?.get(numberOf(prefix));
  }

  set(prefix: Prefix, value: V): void {
    if (prefix.address.length !== 4) {
      this.#ipv6.set(textOf(prefix), value);
      return;
    }
    let map = this.#ipv4[prefix.length];
    if (map === undefined) {
      map = new Map();
      this.#ipv4[prefix.length] = map;
    }
    map.set(numberOf(prefix), value);
  }

  delete(prefix: Prefix): void {
    if (prefix.address.length !== 4) this.#ipv6.delete(textOf(prefix));
    else this.#ipv4[prefix.length]?.delete(numberOf(prefix));
  }

  *values(): Generator<V> {
    for (const map of this.#ipv4) if (map !== undefined) yield* map.values();
    yield* this.#ipv6.values();
  }
}

function numberOf({ address }: Prefix): number {
  const high = ((address[0] as number) << 24) | ((address[1] as number) << 16);
  return mix((high | ((address[2] as number) << 8) | (address[3] as number)) ^ SEED);
}

const textOf = ({ address, length }: Prefix): string => String.fromCharCode(length, ...address);
