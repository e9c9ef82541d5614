import type { KernelAddress, KernelLink, KernelListener } from './kernel.ts';
import { Mirror } from './mirror.ts';
import type { RawAddress } from './rtnetlink-link.ts';

/** The links of this namespace by index and by name, with their addresses. */
export class LinkMirror {
  readonly links: Mirror<number, KernelLink>;
  readonly addresses: Mirror<string, KernelAddress>;
  readonly #indexes = new Map<string, number>();

  constructor(listener: Pick<KernelListener, 'link' | 'address'>) {
    this.links = new Mirror((before, after) => {
      if (before !== undefined && before.name !== after?.name) {
        if (this.#indexes.get(before.name) === before.index) this.#indexes.delete(before.name);
        listener.link(before, true);
      }
      if (after === undefined) return;
      this.#indexes.set(after.name, after.index);
      if (before?.name !== after.name || before.up !== after.up) listener.link(after, false);
    });
    this.addresses = new Mirror((before, after) => {
      if (before !== undefined && before.interface !== after?.interface) {
        listener.address(before, true);
      }
      if (after !== undefined && before?.interface !== after.interface) {
        listener.address(after, false);
      }
    });
  }

  nameOf(index: number): string | undefined {
    return this.links.get(index)?.name;
  }

  indexOf(name: string): number | undefined {
    return this.#indexes.get(name);
  }

  /** The address by interface name; undefined while its link is not known. */
  named({ index, address, prefix }: RawAddress): KernelAddress | undefined {
    const name = this.nameOf(index);
    return name === undefined ? undefined : { interface: name, address, prefix };
  }
}

export const addressKey = ({ index, address, prefix }: RawAddress): string =>
  `${index} ${address}/${prefix.length}`;
