import type { Family } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
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
  /** RTA_PRIORITY; 0 when the kernel shows none. */
  readonly metric: number;
  /** rtm_protocol: 2 kernel, 12 bird, 80 Felix … */
  readonly protocol: number;
  readonly table: number;
}

export interface KernelLink {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
}

/** An address on an interface, with the prefix that it connects. */
export interface KernelAddress {
  readonly interface: string;
  readonly address: string;
  readonly prefix: Prefix;
}

/** What the kernel tells. After `synchronised` the picture is whole; it may come again after an overrun. */
export interface KernelListener {
  link(link: KernelLink, gone: boolean): void;
  address(address: KernelAddress, gone: boolean): void;
  route(route: KernelRoute, gone: boolean): void;
  synchronised(): void;
  /** The kernel cannot be read or written any more; a person reads `error.describe()`. */
  failed(error: BengalError): void;
}

/** Result of one programming request: undefined is success, else the reason in words and an errno name. */
export interface ProgramError {
  readonly errno: string;
  readonly message: string;
}

/** The kernel's routing interface: rtnetlink in production, a model of it in simulations. */
export interface Kernel {
  /** Reads everything once, then follows events; calls back on later turns only. */
  start(listener: KernelListener): void;
  /**
   * Adds (never over a route of another protocol), replaces or deletes a route. `done` is called on
   * a later turn.
   */
  add(route: KernelRoute, done: (error?: ProgramError) => void): void;
  replace(route: KernelRoute, done: (error?: ProgramError) => void): void;
  remove(route: KernelRoute, done: (error?: ProgramError) => void): void;
  close(): void;
}

/** Families that a kernel serves. */
export type KernelFamily = Family;
