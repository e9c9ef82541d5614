import type { KernelRoute } from './kernel.ts';
import { Mirror } from './mirror.ts';
import { sameWays } from './same-route.ts';

/** The routes at one prefix and metric; several only where somebody appended one to another's. */
type Bucket = readonly KernelRoute[];

const NONE: Bucket = [];

/**
 * The kernel's routes of one table and family. A route is told as gone or new by its identity of
 * prefix, metric and protocol; of several with the same the first stands for all.
 */
export class RouteMirror {
  readonly #buckets: Mirror<Bucket>;
  #stagedKey = '';
  #staged: KernelRoute[] = [];

  constructor(emit: (route: KernelRoute, gone: boolean) => void) {
    this.#buckets = new Mirror((before = NONE, after = NONE) => {
      const [only] = after;
      if (only !== undefined && before.length === 0 && after.length === 1) {
        emit(only, false);
        return;
      }
      for (const old of visible(before)) {
        if (!after.some((route) => route.protocol === old.protocol)) emit(old, true);
      }
      for (const route of visible(after)) {
        const old = before.find((at) => at.protocol === route.protocol);
        if (old === undefined || !sameWays(old, route)) emit(route, false);
      }
    });
  }

  begin(): void {
    this.#buckets.begin();
    this.#staged = [];
  }

  /** A route of the dump; those of one prefix and metric follow one another. */
  dumped(route: KernelRoute): void {
    const key = keyOf(route);
    if (key !== this.#stagedKey) this.#commit();
    this.#stagedKey = key;
    this.#staged.push(route);
  }

  end(): void {
    this.#commit();
    this.#buckets.end();
  }

  /** An event shows a route; `replaced` when it took the place of the first at its metric. */
  added(route: KernelRoute, replaced: boolean): void {
    const key = keyOf(route);
    const before = this.#buckets.get(key);
    if (before === undefined) {
      this.#buckets.put(key, [route]);
      return;
    }
    const left = before.filter((at, index) => !supersedes(route, at, replaced && index === 0));
    this.#buckets.put(key, [...left, route]);
  }

  /** An event shows that a route, or some next hops of an IPv6 multipath route, are gone. */
  removed(route: KernelRoute): void {
    const key = keyOf(route);
    const before = this.#buckets.get(key) ?? NONE;
    const at = before.findIndex((one) => one.protocol === route.protocol && sameWays(route, one));
    this.#put(key, at < 0 ? withoutHops(before, route) : before.toSpliced(at, 1));
  }

  /**
   * An interface went down: IPv4 routes that have no other way vanish without an event. True when
   * multipath routes use it as well, which only a dump can show.
   */
  flushInterface(name: string): boolean {
    let shared = false;
    for (const [key, routes] of this.#buckets.entries()) {
      const using = routes.filter(({ nextHops }) => nextHops.some((hop) => hop.interface === name));
      if (using.length === 0) continue;
      shared ||= using.some((route) => route.nextHops.length > 1);
      const left = routes.filter((route) => route.nextHops.length > 1 || !using.includes(route));
      if (left.length < routes.length) this.#put(key, left);
    }
    return shared;
  }

  #put(key: string | number, routes: Bucket): void {
    this.#buckets.put(key, routes.length === 0 ? undefined : routes);
  }

  #commit(): void {
    if (this.#staged.length > 0) this.#buckets.dumped(this.#stagedKey, this.#staged);
    this.#staged = [];
  }
}

/** The first of each protocol. */
function visible(routes: Bucket): Bucket {
  if (routes.length < 2) return routes;
  return routes.filter(
    (route, index) => routes.findIndex((at) => at.protocol === route.protocol) === index,
  );
}

/**
 * True when an event for `route` says that `at` is no more: it was replaced, it is the same, or
 * both have gateways and IPv6 shows them as one multipath route from now on.
 */
function supersedes(route: KernelRoute, at: KernelRoute, replaced: boolean): boolean {
  if (replaced || (at.protocol === route.protocol && sameWays(at, route))) return true;
  return isIpv6(route) && hasGateways(route) && hasGateways(at);
}

/** IPv6 tells of a vanished next hop by a route with that hop alone. */
function withoutHops(routes: Bucket, gone: KernelRoute): Bucket {
  const at = routes.findIndex((route) => route.protocol === gone.protocol);
  const route = routes[at];
  if (route === undefined) return routes;
  const left = route.nextHops.filter((hop) => {
    const lost = gone.nextHops.find((other) => other.gateway === hop.gateway);
    return lost?.interface !== hop.interface;
  });
  const whole = left.length === 0 || left.length === route.nextHops.length;
  if (!isIpv6(route) || whole) return routes.toSpliced(at, 1);
  return routes.with(at, { ...route, nextHops: left });
}

const isIpv6 = ({ prefix }: KernelRoute): boolean => prefix.address.length === 16;

const hasGateways = ({ nextHops }: KernelRoute): boolean =>
  nextHops.length > 0 && nextHops.every((hop) => hop.gateway !== undefined);

const keyOf = ({ prefix, metric }: KernelRoute): string =>
  `${String.fromCharCode(prefix.length, ...prefix.address)}${metric}`;
