import type {
  KernelListener,
  KernelRoute,
  KernelRouteType,
  NextHop,
} from '../../../src/kernel/kernel.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../../src/net/prefix.ts';

export function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(text);
  return prefix;
}

/** `10.0.0.2@eth0`, `10.0.0.2` or `@eth0`; `!` at the end for onlink, `*3` for the weight. */
export function hop(text: string): NextHop {
  const match = /^([^@!*]*)(?:@([^!*]+))?(?:\*(\d+))?(!?)$/.exec(text);
  if (match === null) throw new TypeError(text);
  const [, gateway = '', name = '', weight = '1', onlink] = match;
  return {
    gateway: gateway === '' ? undefined : gateway,
    interface: name,
    onlink: onlink === '!',
    weight: Number(weight),
  };
}

export interface RouteExtras {
  readonly metric?: number;
  readonly protocol?: number;
  readonly table?: number;
}

/** `ways` is a type without next hops, or next hops separated by blanks. */
export function routeOf(prefix: string, ways: string, extras: RouteExtras = {}): KernelRoute {
  const types: readonly string[] = ['blackhole', 'unreachable', 'prohibit'];
  const special = types.includes(ways);
  return {
    prefix: prefixOf(prefix),
    type: special ? (ways as KernelRouteType) : 'unicast',
    nextHops: special ? [] : ways.split(' ').map(hop),
    metric: extras.metric ?? 1024,
    protocol: extras.protocol ?? 12,
    table: extras.table ?? 254,
  };
}

/** The text that `routeOf` reads, with metric and protocol. */
export function textOf(route: KernelRoute): string {
  const hops = route.nextHops.map(
    ({ gateway = '', interface: name, onlink, weight }) =>
      `${gateway}@${name}${weight === 1 ? '' : `*${weight}`}${onlink ? '!' : ''}`,
  );
  const ways = route.type === 'unicast' ? hops.sort().join(' ') : route.type;
  return `${formatPrefix(route.prefix)} ${ways} metric ${route.metric} protocol ${route.protocol}`;
}

/** Keeps the picture that a kernel's events draw. */
export class Picture implements KernelListener {
  readonly links: Map<string, boolean> = new Map();
  readonly addresses: Set<string> = new Set();
  readonly #routes = new Map<string, KernelRoute>();
  /** Every route event, `+` or `-` and its text. */
  readonly log: string[] = [];
  readonly failures: string[] = [];
  synchronisations = 0;

  link({ name, up }: { name: string; up: boolean }, gone: boolean): void {
    if (gone) this.links.delete(name);
    else this.links.set(name, up);
  }

  address(at: { interface: string; address: string; prefix: Prefix }, gone: boolean): void {
    const text = `${at.interface} ${at.address} ${formatPrefix(at.prefix)}`;
    if (gone) this.addresses.delete(text);
    else this.addresses.add(text);
  }

  route(route: KernelRoute, gone: boolean): void {
    const key = `${formatPrefix(route.prefix)} ${route.metric} ${route.protocol} ${route.table}`;
    this.log.push(`${gone ? '-' : '+'} ${textOf(route)}`);
    if (gone) this.#routes.delete(key);
    else this.#routes.set(key, route);
  }

  synchronised(): void {
    this.synchronisations++;
  }

  failed(error: { describe(): string }): void {
    this.failures.push(error.describe());
  }

  /** Texts of the routes with this protocol, all by default but the kernel's own, sorted. */
  routes(protocol?: number): readonly string[] {
    return [...this.#routes.values()]
      .filter((route) =>
        protocol === undefined ? route.protocol !== 2 : route.protocol === protocol,
      )
      .map(textOf)
      .sort();
  }
}
