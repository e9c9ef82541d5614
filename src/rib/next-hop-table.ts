import { type AddressBytes, formatAddress, isLinkLocal } from '../net/address.ts';
import { containsAddress, type Prefix } from '../net/prefix.ts';
import { grownU32, IdPool } from './columns.ts';
import type { LocalRoutes } from './local-routes.ts';

/** Cost of a next hop that cannot be reached. */
export const UNREACHABLE = 0xffffffff;
/** Cost of a next hop behind a gateway: farther than anything that is attached. */
const BEHIND_GATEWAY = 0x80000000;

const RECENT = 64;

export type Resolution =
  | {
      readonly type: 'reached';
      /** What packets are handed to; undefined only on a link that needs none. */
      readonly gateway: AddressBytes;
      readonly interface: string;
      readonly cost: number;
    }
  | { readonly type: 'unresolved' }
  | { readonly type: 'own' };

/** One distinct BGP next hop, shared by all records that have it. */
export interface NextHop {
  readonly id: number;
  /** 4 or 16 octets. */
  readonly address: AddressBytes;
  readonly linkLocal: AddressBytes | undefined;
  /** Zone of a link-local address. */
  readonly interface: string;
  resolution: Resolution;
  /** Source ids of the peers whose own address it is: they are never sent it. */
  receivers: readonly number[];
  /** Records that have it. */
  uses: number;
}

/** Distinct next hops and how to reach them. Resolution looks at local routes only, never at BGP. */
export class NextHopTable {
  /** IGP cost by id; `UNREACHABLE` makes a path ineligible. Id 0 is no next hop. */
  costs: Uint32Array = new Uint32Array(16);
  readonly #hops: (NextHop | undefined)[] = [];
  readonly #ids = new IdPool();
  readonly #known = new Map<string, number>();
  /** Next hops with the same address: they differ in zone or link-local address. */
  readonly #byAddress = new Map<string, Set<NextHop>>();
  /** Next hops without a zone that were used last, by their last octet. */
  readonly #recent: (NextHop | undefined)[] = new Array<undefined>(RECENT).fill(undefined);
  readonly #local: LocalRoutes;
  readonly #resolveAll: boolean;
  readonly #receivers = new Map<string, readonly number[]>();
  #own = new Set<string>();

  constructor(local: LocalRoutes, resolveAll: boolean) {
    this.#local = local;
    this.#resolveAll = resolveAll;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Addresses at which peers are. */
  get receivers(): number {
    return this.#receivers.size;
  }

  get(id: number): NextHop | undefined {
    return this.#hops[id];
  }

  /** Counts one use of a next hop and returns its id. */
  use(address: AddressBytes, linkLocal: AddressBytes | undefined, zone: string): number {
    const scope = linkLocal !== undefined || isLinkLocal(address) ? zone : '';
    const key = `${keyOf(address)}${linkLocal === undefined ? '' : keyOf(linkLocal)}%${scope}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      (this.#hops[known] as NextHop).uses++;
      return known;
    }
    const id = this.#ids.take();
    this.costs = grownU32(this.costs, id);
    const unresolved: Resolution = { type: 'unresolved' };
    const hop: NextHop = {
      id,
      address: Uint8Array.from(address),
      linkLocal,
      interface: scope,
      resolution: unresolved,
      receivers: this.#receivers.get(keyOf(address)) ?? NOBODY,
      uses: 1,
    };
    this.#hops[id] = hop;
    this.#known.set(key, id);
    const sameAddress = this.#byAddress.get(keyOf(address));
    if (sameAddress === undefined) this.#byAddress.set(keyOf(address), new Set([hop]));
    else sameAddress.add(hop);
    this.#settle(hop);
    return id;
  }

  /** The same for the address in `bytes[start, end)`, which the last ones used are asked first. */
  useAt(bytes: Buffer, start: number, end: number, zone: string): number {
    const place = (bytes[end - 1] as number) % RECENT;
    const recent = this.#recent[place];
    if (recent !== undefined && recent.uses > 0 && isAt(recent.address, bytes, start, end)) {
      recent.uses++;
      return recent.id;
    }
    const id = this.use(bytes.subarray(start, end), undefined, zone);
    const hop = this.#hops[id] as NextHop;
    if (!isLinkLocal(hop.address)) this.#recent[place] = hop;
    return id;
  }

  release(id: number): void {
    const hop = this.#hops[id];
    if (hop === undefined || --hop.uses > 0) return;
    const { address, linkLocal } = hop;
    const second = linkLocal === undefined ? '' : keyOf(linkLocal);
    this.#known.delete(`${keyOf(address)}${second}%${hop.interface}`);
    const sameAddress = this.#byAddress.get(keyOf(address));
    sameAddress?.delete(hop);
    if (sameAddress?.size === 0) this.#byAddress.delete(keyOf(address));
    this.#hops[id] = undefined;
    this.#ids.release(id);
  }

  /** A peer with this address is there, or no more. */
  setReceiver(address: AddressBytes, source: number, present: 'present' | 'gone'): void {
    const key = keyOf(address);
    const others = (this.#receivers.get(key) ?? NOBODY).filter((id) => id !== source);
    const ids = present === 'present' ? [...others, source] : others;
    if (ids.length === 0) this.#receivers.delete(key);
    else this.#receivers.set(key, ids);
    for (const hop of this.#byAddress.get(key) ?? []) hop.receivers = ids;
  }

  /** Returns the next hops that this moved. */
  setOwn(addresses: readonly AddressBytes[]): readonly number[] {
    this.#own = new Set(addresses.map(keyOf));
    return this.#resettle(() => true);
  }

  /** A local route for `prefix` came, changed or went; returns the next hops that this moved. */
  localChanged(prefix: Prefix): readonly number[] {
    if (this.#resolveAll) return [];
    return this.#resettle(({ address, resolution }) => {
      if (containsAddress(prefix, address)) return true;
      return resolution.type === 'reached' && containsAddress(prefix, resolution.gateway);
    });
  }

  #resettle(concerns: (hop: NextHop) => boolean): readonly number[] {
    const moved: number[] = [];
    for (const hop of this.#hops) {
      if (hop !== undefined && concerns(hop) && this.#settle(hop)) moved.push(hop.id);
    }
    return moved;
  }

  /** Resolves a next hop; true when the result is another one. */
  #settle(hop: NextHop): boolean {
    const before = hop.resolution;
    const after = this.#resolve(hop);
    hop.resolution = after;
    this.costs[hop.id] = after.type === 'reached' ? after.cost : UNREACHABLE;
    return !sameResolution(before, after);
  }

  #resolve({ address, linkLocal, interface: zone }: NextHop): Resolution {
    if (this.#own.has(keyOf(address))) return { type: 'own' };
    if (this.#resolveAll) {
      return { type: 'reached', gateway: address, interface: zone, cost: 0 };
    }
    if (isLinkLocal(address)) {
      if (zone === '') return { type: 'unresolved' };
      return { type: 'reached', gateway: address, interface: zone, cost: 0 };
    }
    const route = this.#local.covering(address);
    if (route?.type !== 'unicast') {
      if (linkLocal === undefined || zone === '') return { type: 'unresolved' };
      return { type: 'reached', gateway: linkLocal, interface: zone, cost: 0 };
    }
    const { gateway, interface: name } = route;
    if (gateway === undefined) {
      return { type: 'reached', gateway: address, interface: name, cost: 0 };
    }
    if (name !== '') return { type: 'reached', gateway, interface: name, cost: BEHIND_GATEWAY };
    // A static route names a gateway only: the link towards it must be attached.
    const link = this.#local.covering(gateway);
    if (link?.type !== 'unicast' || link.gateway !== undefined) return { type: 'unresolved' };
    return { type: 'reached', gateway, interface: link.interface, cost: BEHIND_GATEWAY };
  }
}

function isAt(address: AddressBytes, bytes: Buffer, start: number, end: number): boolean {
  if (address.length !== end - start) return false;
  for (let i = 0; i < address.length; i++) if (address[i] !== bytes[start + i]) return false;
  return true;
}

const NOBODY: readonly number[] = [];

/** Address bytes as a map key: one character an octet. */
const keyOf = (address: AddressBytes): string => String.fromCharCode(...address);

function sameResolution(a: Resolution, b: Resolution): boolean {
  if (a.type !== 'reached' || b.type !== 'reached') return a.type === b.type;
  return (
    a.cost === b.cost &&
    a.interface === b.interface &&
    formatAddress(a.gateway) === formatAddress(b.gateway)
  );
}
