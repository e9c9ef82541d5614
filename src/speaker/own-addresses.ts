import type { KernelAddress, KernelListener } from '../kernel/kernel.ts';
import { type AddressBytes, isLinkLocal, parseAddress } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { Rib } from '../rib/rib.ts';

/** An address of this machine, canonical text. */
export type OwnAddress = Pick<KernelAddress, 'interface' | 'address'>;

/** The addresses of this machine: never usable as a next hop, and ours to announce as one. */
export class OwnAddresses implements KernelListener {
  readonly #rib: Rib;
  #whole = false;
  readonly #addresses = new Map<string, OwnAddress & { readonly bytes: AddressBytes }>();

  constructor(rib: Rib) {
    this.#rib = rib;
  }

  address({ interface: name, address }: OwnAddress, gone: boolean): void {
    const bytes = parseAddress(address);
    if (bytes === undefined) return;
    const key = `${name} ${address}`;
    if (gone) this.#addresses.delete(key);
    else this.#addresses.set(key, { interface: name, address, bytes });
    if (this.#whole) this.#tell();
  }

  /** The picture is whole: a machine may have thousands of addresses, told to the RIB at once. */
  synchronised(): void {
    this.#whole = true;
    this.#tell();
  }

  /** A global address of `family` on an interface that holds `address`. */
  sibling(address: string, family: Family): AddressBytes | undefined {
    const size = family === 'ipv4-unicast' ? 4 : 16;
    const all = [...this.#addresses.values()];
    const holders = new Set(all.filter((at) => at.address === address).map((at) => at.interface));
    return all.find(
      ({ interface: name, bytes }) =>
        holders.has(name) && bytes.length === size && !isLinkLocal(bytes),
    )?.bytes;
  }

  link(): void {}
  route(): void {}
  failed(): void {}

  #tell(): void {
    this.#rib.setOwnAddresses([...this.#addresses.values()].map((at) => at.bytes));
  }
}
