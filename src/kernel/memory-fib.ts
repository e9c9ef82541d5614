import { formatAddress, isLinkLocal, parseAddress } from '../net/address.ts';
import { equalPrefixes, maskedPrefix, type Prefix } from '../net/prefix.ts';
import { PrefixMap } from '../net/prefix-map.ts';
import {
  type KernelAddress,
  type KernelLink,
  type KernelListener,
  type KernelRoute,
  type NextHop,
  type ProgramError,
  storedMetric,
} from './kernel.ts';

const MAIN_TABLE = 254;
const PROTOCOL_KERNEL = 2;

/** What a watcher of the model is told, at once. */
export type FibWatcher = Pick<KernelListener, 'link' | 'address' | 'route'>;

type Outcome = ProgramError | undefined;

/**
 * A machine's links, addresses and routes with the rules that Linux applies to them. It outlives
 * the processes that use it: each opens a `MemoryKernel` on it. Its own methods are what other
 * programs and people do.
 */
export class MemoryFib {
  readonly #links = new Map<string, KernelLink>();
  readonly #addresses = new Map<string, KernelAddress>();
  readonly #tables = new Map<number, PrefixMap<readonly KernelRoute[]>>();
  readonly #watchers = new Set<FibWatcher>();
  readonly #failures: ProgramError[] = [];
  #lastIndex = 0;

  /** Tells everything there is, then what changes. */
  watch(watcher: FibWatcher): void {
    for (const link of this.#links.values()) watcher.link(link, false);
    for (const address of this.#addresses.values()) watcher.address(address, false);
    for (const table of this.#tables.keys()) {
      for (const route of this.routes(table)) watcher.route(route, false);
    }
    this.#watchers.add(watcher);
  }

  unwatch(watcher: FibWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** The next request of a `MemoryKernel` fails so. */
  failNext(errno: string, message: string = errno): void {
    this.#failures.push({ errno, message });
  }

  takeFailure(): ProgramError | undefined {
    return this.#failures.shift();
  }

  /** Adds a link, or sets an existing one up or down; routes over a link that goes down vanish. */
  setLink(name: string, up: boolean): void {
    const known = this.#links.get(name);
    if (known?.up === up) return;
    const link = { index: known?.index ?? ++this.#lastIndex, name, up };
    this.#links.set(name, link);
    this.#tell((watcher) => watcher.link(link, false));
    if (!up) this.#flush(name);
    else for (const address of this.#addressesOf(name)) this.#connect(address);
  }

  removeLink(name: string): void {
    const link = this.#links.get(name);
    if (link === undefined) return;
    for (const address of this.#addressesOf(name)) this.#dropAddress(address);
    this.#links.delete(name);
    this.#tell((watcher) => watcher.link({ ...link, up: false }, true));
    this.#flush(name);
  }

  /** Adds `text` (address/length) to a link that exists, with its connected route. */
  addAddress(interfaceName: string, text: string): void {
    const address = kernelAddress(interfaceName, text);
    this.#addresses.set(addressKey(address), address);
    this.#tell((watcher) => watcher.address(address, false));
    if (this.#links.get(interfaceName)?.up === true) this.#connect(address);
  }

  removeAddress(interfaceName: string, text: string): void {
    const address = kernelAddress(interfaceName, text);
    if (this.#addresses.has(addressKey(address))) this.#dropAddress(address);
  }

  /** True when `address`, in canonical text, is one of this machine's. */
  owns(address: string): boolean {
    for (const own of this.#addresses.values()) if (own.address === address) return true;
    return false;
  }

  add(route: KernelRoute): Outcome {
    return this.#write(route, (at) => (at === undefined ? undefined : fileExists));
  }

  replace(route: KernelRoute): Outcome {
    return this.#write(route, (at) => (at === undefined ? noSuchRoute : undefined));
  }

  remove({ prefix, metric, protocol, table }: KernelRoute): Outcome {
    const stored = storedMetric(prefix, metric);
    const route = this.#bucket(table, prefix).find((at) => at.metric === stored);
    if (route === undefined || route.protocol !== protocol) return noSuchProcess;
    this.#drop(route);
    return undefined;
  }

  routes(table: number = MAIN_TABLE): readonly KernelRoute[] {
    return [...(this.#tables.get(table)?.values() ?? [])].flat();
  }

  /**
   * The route that a packet to `address` takes: longest prefix, then lowest metric, with only those
   * next hops whose interface is up.
   */
  lookup(address: string, table: number = MAIN_TABLE): KernelRoute | undefined {
    const bytes = parseAddress(address);
    const match = bytes && this.#tables.get(table)?.longestMatch(bytes);
    const [route] = match?.value ?? [];
    return route && { ...route, nextHops: route.nextHops.filter((hop) => this.#alive(hop)) };
  }

  #write(route: KernelRoute, refuse: (at: KernelRoute | undefined) => Outcome): Outcome {
    const { prefix, table } = route;
    const metric = storedMetric(prefix, route.metric);
    const bucket = this.#bucket(table, prefix);
    const standing = bucket.find((at) => at.metric === metric);
    const resolved = this.#resolve(route);
    if ('errno' in resolved) return resolved;
    const refusal = refuse(standing);
    if (refusal !== undefined) return refusal;
    const stored = { ...resolved, metric };
    const others = bucket.filter((at) => at !== standing);
    this.#store(table, prefix, [...others, stored].sort(byMetric));
    if (standing !== undefined && standing.protocol !== stored.protocol) {
      this.#tell((watcher) => watcher.route(standing, true));
    }
    this.#tell((watcher) => watcher.route(stored, false));
    return undefined;
  }

  /** The route with the interface of every next hop filled in, or why the kernel refuses it. */
  #resolve(route: KernelRoute): KernelRoute | ProgramError {
    if (route.type !== 'unicast') return { ...route, nextHops: [] };
    if (route.nextHops.length === 0) return invalid('no next hop');
    const nextHops: NextHop[] = [];
    for (const hop of route.nextHops) {
      const resolved = this.#resolveHop(hop);
      if ('errno' in resolved) return resolved;
      nextHops.push(resolved);
    }
    return { ...route, nextHops };
  }

  #resolveHop(hop: NextHop): NextHop | ProgramError {
    const link = this.#links.get(hop.interface);
    if (hop.interface !== '' && link === undefined) return noSuchDevice;
    if (link?.up === false) return networkDown;
    if (link === undefined && (hop.onlink || hop.gateway === undefined)) {
      return invalid('Nexthop device required');
    }
    if (hop.onlink || hop.gateway === undefined) return hop;
    const gateway = parseAddress(hop.gateway);
    if (gateway === undefined) return invalid('invalid gateway');
    if (isLinkLocal(gateway)) return link ? hop : invalid('Nexthop device required');
    const via = this.lookup(hop.gateway)?.nextHops[0];
    const attached = via !== undefined && via.gateway === undefined;
    if (!attached || (link !== undefined && link.name !== via.interface)) {
      return gateway.length === 4 ? unreachableGateway : noRouteToHost;
    }
    return { ...hop, interface: via.interface };
  }

  /** The kernel's own route for the prefix of an address; a host address connects nothing else. */
  #connect({ interface: name, prefix }: KernelAddress): void {
    const ipv4 = prefix.address.length === 4;
    if (ipv4 && prefix.length === 32) return;
    const nextHop: NextHop = { gateway: undefined, interface: name, onlink: false, weight: 1 };
    this.add({
      prefix,
      type: 'unicast',
      nextHops: [nextHop],
      metric: ipv4 ? 0 : 256,
      protocol: PROTOCOL_KERNEL,
      table: MAIN_TABLE,
    });
  }

  #dropAddress(address: KernelAddress): void {
    const { interface: name, prefix } = address;
    this.#addresses.delete(addressKey(address));
    this.#tell((watcher) => watcher.address(address, true));
    const left = [...this.#addressesOf(name)];
    if (!left.some((other) => other.prefix.address.length === prefix.address.length)) {
      this.#flush(name, prefix.address.length);
    } else if (!left.some((other) => equalPrefixes(other.prefix, prefix))) {
      const route = this.#bucket(MAIN_TABLE, prefix).find((at) => isConnected(at, name));
      if (route !== undefined) this.#drop(route);
    }
  }

  /** Drops the routes, of one address size or all, that have no other way than over the link. */
  #flush(name: string, size?: number): void {
    for (const table of this.#tables.keys()) {
      for (const route of this.routes(table)) {
        if (size !== undefined && route.prefix.address.length !== size) continue;
        const over = route.nextHops.some((hop) => hop.interface === name);
        const lost = (hop: NextHop): boolean => hop.interface === name || !this.#alive(hop);
        if (over && route.nextHops.every(lost)) this.#drop(route);
      }
    }
  }

  #drop(route: KernelRoute): void {
    const left = this.#bucket(route.table, route.prefix).filter((at) => at !== route);
    this.#store(route.table, route.prefix, left);
    this.#tell((watcher) => watcher.route(route, true));
  }

  #bucket(table: number, prefix: Prefix): readonly KernelRoute[] {
    return this.#tables.get(table)?.get(prefix) ?? [];
  }

  #store(number: number, prefix: Prefix, routes: readonly KernelRoute[]): void {
    let table = this.#tables.get(number);
    if (table === undefined) {
      table = new PrefixMap();
      this.#tables.set(number, table);
    }
    if (routes.length > 0) table.set(prefix, routes);
    else table.delete(prefix);
  }

  *#addressesOf(name: string): Generator<KernelAddress> {
    for (const address of [...this.#addresses.values()]) {
      if (address.interface === name) yield address;
    }
  }

  #alive(hop: NextHop): boolean {
    return this.#links.get(hop.interface)?.up === true;
  }

  #tell(tell: (watcher: FibWatcher) => void): void {
    for (const watcher of [...this.#watchers]) tell(watcher);
  }
}

const fileExists: ProgramError = { errno: 'EEXIST', message: 'File exists' };
const noSuchRoute: ProgramError = { errno: 'ENOENT', message: 'No such file or directory' };
const noSuchProcess: ProgramError = { errno: 'ESRCH', message: 'No such process' };
const noSuchDevice: ProgramError = { errno: 'ENODEV', message: 'no such interface' };
const networkDown: ProgramError = { errno: 'ENETDOWN', message: 'Device for nexthop is not up' };
const noRouteToHost: ProgramError = { errno: 'EHOSTUNREACH', message: 'No route to host' };
const unreachableGateway: ProgramError = {
  errno: 'ENETUNREACH',
  message: 'Nexthop has invalid gateway',
};
const invalid = (message: string): ProgramError => ({ errno: 'EINVAL', message });

const byMetric = (a: KernelRoute, b: KernelRoute): number => a.metric - b.metric;

const isConnected = (route: KernelRoute, name: string): boolean =>
  route.protocol === PROTOCOL_KERNEL && route.nextHops[0]?.interface === name;

const addressKey = ({ interface: name, address, prefix }: KernelAddress): string =>
  `${name} ${address}/${prefix.length}`;

function kernelAddress(name: string, text: string): KernelAddress {
  const [addressText = '', lengthText] = text.split('/');
  const bytes = parseAddress(addressText);
  const length = Number(lengthText ?? (bytes?.length ?? 0) * 8);
  if (bytes === undefined) throw new TypeError(`not an address: ${JSON.stringify(text)}`);
  return { interface: name, address: formatAddress(bytes), prefix: maskedPrefix(bytes, length) };
}
