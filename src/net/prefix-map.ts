import { type AddressBytes, formatAddress } from './address.ts';
import { formatPrefix, maskedPrefix, type Prefix } from './prefix.ts';

/**
 * A map from prefixes to values with longest-prefix match, for small tables (next hops, pools,
 * connected networks): one hash look-up for each prefix length in use.
 */
export class PrefixMap<V> {
  readonly #entries = new Map<string, { readonly prefix: Prefix; value: V }>();
  /** How many entries each (address size, prefix length) has, longest length first. */
  #lengths: { readonly size: number; readonly length: number; count: number }[] = [];

  get size(): number {
    return this.#entries.size;
  }

  get(prefix: Prefix): V | undefined {
    return this.#entries.get(formatPrefix(prefix))?.value;
  }

  set(prefix: Prefix, value: V): void {
    const key = formatPrefix(prefix);
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.value = value;
      return;
    }
    this.#entries.set(key, { prefix, value });
    const known = this.#bucket(prefix);
    if (known !== undefined) known.count++;
    else {
      this.#lengths.push({ size: prefix.address.length, length: prefix.length, count: 1 });
      this.#lengths.sort((a, b) => b.length - a.length);
    }
  }

  delete(prefix: Prefix): boolean {
    if (!this.#entries.delete(formatPrefix(prefix))) return false;
    const known = this.#bucket(prefix);
    if (known !== undefined && --known.count === 0) {
      this.#lengths = this.#lengths.filter((bucket) => bucket !== known);
    }
    return true;
  }

  /** The value of the longest prefix that holds `address`. */
  longestMatch(address: AddressBytes): { readonly prefix: Prefix; readonly value: V } | undefined {
    for (const { size, length } of this.#lengths) {
      if (size !== address.length) continue;
      const key = `${formatAddress(maskedPrefix(address, length).address)}/${length}`;
      const entry = this.#entries.get(key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  *values(): Generator<V> {
    for (const { value } of this.#entries.values()) yield value;
  }

  #bucket({ address, length }: Prefix): { count: number } | undefined {
    return this.#lengths.find((at) => at.size === address.length && at.length === length);
  }
}
