import type { KernelAddress, KernelListener } from '../kernel/kernel.ts';
import { type AddressBytes, isLinkLocal, parseAddress } from '../net/address.ts';
import type { Rib } from '../rib/rib.ts';
import type { RibSession } from '../rib/types.ts';

/** An address of this machine, canonical text. */
export type OwnAddress = Pick<KernelAddress, 'interface' | 'address'>;

/** Our end of a session. */
interface SessionEnd {
  readonly address: string;
  /** The peer's interface, where the configuration names one. */
  readonly interface: string | undefined;
  /** IPv4 routes may have IPv6 next hops (RFC 8950). */
  readonly extended: boolean;
}

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

  /** Our next hops on a session: its own end, or that address's neighbour on the interface. */
  nextHops(end: SessionEnd): RibSession['ownNextHop'] {
    const own = parseAddress(end.address);
    if (own === undefined) return {};
    if (own.length === 4) return present(own, this.#sibling(end, 16));
    const ipv6 = isLinkLocal(own) ? this.#onLink(own, end) : own;
    return present(end.extended ? ipv6 : this.#sibling(end, 4), ipv6);
  }

  /** RFC 2545 §3: global and link-local address; without a global one the latter alone. */
  #onLink(own: AddressBytes, end: SessionEnd): AddressBytes {
    const global = this.#sibling(end, 16);
    return global === undefined ? own : Buffer.concat([global, own]);
  }

  /** A global address of `size` octets on the interface that holds our end of a session. */
  #sibling({ address, interface: zone }: SessionEnd, size: 4 | 16): AddressBytes | undefined {
    const all = [...this.#addresses.values()];
    const holders = new Set(
      zone === undefined
        ? all.filter((at) => at.address === address).map((at) => at.interface)
        : [zone],
    );
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

const present = (
  ipv4: AddressBytes | undefined,
  ipv6: AddressBytes | undefined,
): RibSession['ownNextHop'] => ({
  ...(ipv4 && { 'ipv4-unicast': ipv4 }),
  ...(ipv6 && { 'ipv6-unicast': ipv6 }),
});
