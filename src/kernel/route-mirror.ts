import { equalPrefixes } from '../net/prefix.ts';
import type { KernelRoute } from './kernel.ts';
import { Mirror, type Slot, type Slots } from './mirror.ts';
import { PrefixIndex } from './prefix-index.ts';
import { sameWays } from './same-route.ts';

/** The routes at one prefix and metric; several only where somebody appended one to another's. */
type Bucket = readonly KernelRoute[];

type Place = Pick<KernelRoute, 'prefix' | 'metric'>;

const NONE: Bucket = [];

/**
 * The kernel's routes of one table and family. A route is told as gone or new by its identity of
 * prefix, metric and protocol; of several with the same the first stands for all.
 */
export class RouteMirror {
  readonly #buckets: Mirror<Place, Bucket>;
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
    }, new Places());
  }

  begin(): void {
    this.#buckets.begin();
    this.#staged = [];
  }

  /** A route of the dump; those of one prefix and metric follow one another. */
  dumped(route: KernelRoute): void {
    const [first] = this.#staged;
    if (first !== undefined && !samePlace(first, route)) this.#commit();
    this.#staged.push(route);
  }

  end(): void {
    this.#commit();
    this.#buckets.end();
  }

  /** True when no more than one route stands at the prefix and metric. */
  isSingle(place: Place): boolean {
    return (this.#buckets.get(place) ?? NONE).length < 2;
  }

  /** An event shows a route; `replaced` when it took the place of the first at its metric. */
  added(route: KernelRoute, replaced: boolean): void {
    this.#buckets.update(route, (before) => {
      if (before === undefined) return [route];
      const left = before.filter((at, index) => !supersedes(route, at, replaced && index === 0));
      return [...left, route];
    });
  }

  /** An event shows that a route, or some next hops of an IPv6 multipath route, are gone. */
  removed(route: KernelRoute): void {
    this.#buckets.update(route, (before = NONE) => {
      const at = before.findIndex((one) => one.protocol === route.protocol && sameWays(route, one));
      return filled(at < 0 ? withoutHops(before, route) : before.toSpliced(at, 1));
    });
  }

  /**
   * An interface went down: IPv4 routes that have no other way vanish without an event. True when
   * multipath routes use it as well, which only a dump can show.
   */
  flushInterface(name: string): boolean {
    let shared = false;
    for (const routes of this.#buckets.values()) {
      const using = routes.filter(({ nextHops }) => nextHops.some((hop) => hop.interface === name));
      if (using.length === 0) continue;
      shared ||= using.some((route) => route.nextHops.length > 1);
      const left = routes.filter((route) => route.nextHops.length > 1 || !using.includes(route));
      const [first] = routes;
      if (first && left.length < routes.length) this.#buckets.put(first, filled(left));
    }
    return shared;
  }

  #commit(): void {
    const [first] = this.#staged;
    if (first !== undefined) this.#buckets.dumped(first, this.#staged);
    this.#staged = [];
  }
}

/** Slots by metric, of which there are few, then by prefix. */
class Places implements Slots<Place, Bucket> {
  readonly #byMetric = new Map<number, PrefixIndex<Slot<Place, Bucket>>>();

  get({ prefix, metric }: Place): Slot<Place, Bucket> | undefined {
    return this.#byMetric.get(metric)?.get(prefix);
  }

  set({ prefix, metric }: Place, slot: Slot<Place, Bucket>): void {
    let index = this.#byMetric.get(metric);
    if (index === undefined) {
      index = new PrefixIndex();
      this.#byMetric.set(metric, index);
    }
    index.set(prefix, slot);
  }

  delete({ prefix, metric }: Place): void {
    const index = this.#byMetric.get(metric);
    index?.delete(prefix);
    if (index?.size === 0) this.#byMetric.delete(metric);
  }

  *values(): Generator<Slot<Place, Bucket>> {
    for (const index of this.#byMetric.values()) yield* index.values();
  }
}

const filled = (routes: Bucket): Bucket | undefined => (routes.length === 0 ? undefined : routes);

const samePlace = (a: Place, b: Place): boolean =>
  a.metric === b.metric && equalPrefixes(a.prefix, b.prefix);

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
