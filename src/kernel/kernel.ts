import type { Family } from '../net/family.ts';
import { type Prefix, prefixFamily } from '../net/prefix.ts';
import type { BengalError } from '../runtime/error.ts';

export interface NextHop {
  /** Canonical text; undefined for a directly attached destination. */
  readonly gateway: string | undefined;
  /** Outgoing interface's name; empty when a programmed route leaves the choice to the kernel. */
  readonly interface: string;
  /** The gateway is taken as reachable on the interface without a covering route. */
  readonly onlink: boolean;
  /** Share of traffic, 1 to 256. */
  readonly weight: number;
}

export type KernelRouteType = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';

/** A route of the kernel's FIB, as read or as to be programmed. */
export interface KernelRoute {
  readonly prefix: Prefix;
  readonly type: KernelRouteType;
  /** Empty unless unicast; more than one is a multipath route. */
  readonly nextHops: readonly NextHop[];
  /** RTA_PRIORITY; 0 when the kernel shows none. Written to IPv6, 0 becomes 1024. */
  readonly metric: number;
  /** rtm_protocol: 2 kernel, 12 bird, 80 Felix … */
  readonly protocol: number;
  readonly table: number;
}

export interface KernelLink {
  readonly index: number;
  readonly name: string;
  /** Administratively up (IFF_UP); a lost carrier does not count. */
  readonly up: boolean;
}

/** A usable address on an interface, with the prefix that it connects. */
export interface KernelAddress {
  readonly interface: string;
  readonly address: string;
  readonly prefix: Prefix;
}

/**
 * What the kernel tells, in the order of its happening. A link is known by its name, an address by
 * interface, address and prefix length, a route by table, prefix, metric and protocol; the same
 * identity again is a change in place. After `synchronised` the picture is whole; it may come again
 * after an overrun, when only differences were told.
 */
export interface KernelListener {
  link(link: KernelLink, gone: boolean): void;
  address(address: KernelAddress, gone: boolean): void;
  route(route: KernelRoute, gone: boolean): void;
  synchronised(): void;
  /** The kernel cannot be read or written any more; a person reads `error.describe()`. */
  failed(error: BengalError): void;
}

/** Why a programming request failed. */
export interface ProgramError {
  /** Name of the error number, as EEXIST. */
  readonly errno: string;
  /** In words, the kernel's own where it gave some. */
  readonly message: string;
}

/** Called on a later turn, after the listener was told everything up to and including the change. */
export type ProgramDone = (error?: ProgramError) => void;

/** The kernel's routing interface: rtnetlink in production, a model of it in simulations. */
export interface Kernel {
  /** Reads everything once, then follows events; calls back on later turns only. */
  start(listener: KernelListener): void;
  /** EEXIST when any route stands at the prefix and metric, whoever's it is. */
  add(route: KernelRoute, done: ProgramDone): void;
  /**
   * Changes the route at the prefix and metric without a gap; ENOENT when there is none. The kernel
   * does not look at the protocol: callers replace only what they know as their own.
   */
  replace(route: KernelRoute, done: ProgramDone): void;
  /** Deletes the route with this prefix, metric, protocol and next hops; ESRCH when there is none. */
  remove(route: KernelRoute, done: ProgramDone): void;
  /** Stops following and writing; the FIB stays as it is. Nothing is called back afterwards. */
  close(): void;
}

/** The metric as the kernel stores it: IPv6 has no metric 0 (IP6_RT_PRIO_USER instead). */
export function storedMetric(prefix: Prefix, metric: number): number {
  const family: Family = prefixFamily(prefix);
  return metric === 0 && family === 'ipv6-unicast' ? 1024 : metric;
}

/** Tells every listener, in their order. */
export function fanOut(listeners: readonly KernelListener[]): KernelListener {
  return {
    link: (link, gone) => {
      for (const to of listeners) to.link(link, gone);
    },
    address: (address, gone) => {
      for (const to of listeners) to.address(address, gone);
    },
    route: (route, gone) => {
      for (const to of listeners) to.route(route, gone);
    },
    synchronised: () => {
      for (const to of listeners) to.synchronised();
    },
    failed: (error) => {
      for (const to of listeners) to.failed(error);
    },
  };
}
