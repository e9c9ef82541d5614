import type { KernelAddress, KernelListener } from '../kernel/kernel.ts';
import { type AddressBytes, isLinkLocal, parseAddress } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { Routing } from './routing.ts';

/** The addresses of this machine: never usable as a next hop, and ours to announce as one. */
export class OwnAddresses implements KernelListener {
  readonly #routing: Routing;
  readonly #addresses = new Map<string, { readonly interface: string; bytes: AddressBytes }>();

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  address({ interface: name, address }: KernelAddress, gone: boolean): void {
    const bytes = parseAddress(address);
    if (bytes === undefined) return;
    const key = `${name} ${address}`;
    if (gone) this.#addresses.delete(key);
    else this.#addresses.set(key, { interface: name, bytes });
    this.#routing.rib.setOwnAddresses([...this.#addresses.values()].map((at) => at.bytes));
  }

  /** A global address of `family` on the interface that holds `address`. */
  sibling(address: string, family: Family): AddressBytes | undefined {
    const size = family === 'ipv4-unicast' ? 4 : 16;
    const holders = [...this.#addresses].filter(([key]) => key.endsWith(` ${address}`));
    for (const [, holder] of holders) {
      for (const { interface: name, bytes } of this.#addresses.values()) {
        if (name === holder.interface && bytes.length === size && !isLinkLocal(bytes)) return bytes;
      }
    }
    return undefined;
  }

  link(): void {}
  route(): void {}
  synchronised(): void {}
  failed(): void {}
}
