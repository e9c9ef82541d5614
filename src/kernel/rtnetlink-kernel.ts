import type { LinuxError } from '../linux/linux-error.ts';
import {
  type NetlinkListener,
  openNetlinkListener,
  openNetlinkRequester,
} from '../linux/netlink-socket.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { asLinuxError, type Dump, DumpRunner } from './dump-runner.ts';
import type {
  Kernel,
  KernelListener,
  KernelRoute,
  NextHop,
  ProgramDone,
  ProgramError,
} from './kernel.ts';
import { addressKey, LinkMirror } from './link-mirror.ts';
import {
  NetlinkFormatError,
  type NetlinkMessage,
  NLM_F_REPLACE,
  NLMSG_ERROR,
  readAnswer,
  readMessages,
} from './netlink-message.ts';
import { RouteMirror } from './route-mirror.ts';
import {
  decodeAddress,
  decodeLink,
  encodeAddressDump,
  encodeLinkDump,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from './rtnetlink-link.ts';
import {
  decodeRoute,
  encodeRouteDump,
  isShownAsWritten,
  type RawNextHop,
  type RawRoute,
  RTM_DELROUTE,
  RTM_NEWROUTE,
} from './rtnetlink-route.ts';
import { SharedHops } from './shared-hops.ts';
import { WriteQueue } from './write-queue.ts';

/** RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE. */
const GROUPS = [1, 5, 7, 9, 11];

const RECEIVE_BUFFER = 8 * 1024 * 1024;

/** Least time between two starts of a resynchronisation, in milliseconds. */
const RESYNC_INTERVAL = 200;

export interface RtnetlinkKernelOptions {
  readonly clock: Clock;
  readonly table: number;
  /** Bytes of the event socket's receive buffer. */
  readonly receiveBuffer?: number;
}

/** What a dump must set right: everything, or only IPv4 routes, whose loss may go untold. */
type Resync = 'none' | 'ipv4-routes' | 'all';

/**
 * The FIB of this network namespace over rtnetlink. Requests go out on the socket that receives the
 * events: their answers then stand among the events in the order of happening. Dumps have a socket
 * of their own.
 */
export class RtnetlinkKernel implements Kernel {
  readonly #clock: Clock;
  readonly #table: number;
  readonly #receiveBuffer: number;
  readonly #writes: WriteQueue;
  readonly #dumps: DumpRunner;
  #events: NetlinkListener | undefined;
  #state: Mirrors | undefined;
  #listener: KernelListener | undefined;
  #needed: Resync = 'none';
  #resyncTimer: Timer | undefined;
  #lastResync = Number.NEGATIVE_INFINITY;
  /** Answers to requests up to this sequence number may have been lost. */
  #lostUpTo = 0;
  #closed = false;

  constructor({ clock, table, receiveBuffer = RECEIVE_BUFFER }: RtnetlinkKernelOptions) {
    this.#clock = clock;
    this.#table = table;
    this.#receiveBuffer = receiveBuffer;
    this.#writes = new WriteQueue({
      clock,
      send: (bytes) => this.#events?.send(bytes),
      indexed: (route) => this.#indexed(route),
    });
    this.#dumps = new DumpRunner(openNetlinkRequester, (error) => this.#fail(error));
  }

  start(listener: KernelListener): void {
    this.#listener = listener;
    this.#state = newMirrors(listener);
    this.#clock.soon(() => this.#open());
  }

  add(route: KernelRoute, done: ProgramDone): void {
    this.#writes.add('add', route, done);
  }

  replace(route: KernelRoute, done: ProgramDone): void {
    this.#writes.add('replace', route, done);
  }

  remove(route: KernelRoute, done: ProgramDone): void {
    this.#writes.add('remove', route, done);
  }

  close(): void {
    this.#closed = true;
    this.#resyncTimer?.cancel();
    this.#writes.close();
    this.#dumps.close();
    this.#events?.close();
    this.#events = undefined;
  }

  #open(): void {
    if (this.#closed) return;
    try {
      const options = { groups: GROUPS, receiveBuffer: this.#receiveBuffer };
      this.#events = openNetlinkListener(options, {
        datagram: (bytes, start, end) => this.#read(bytes, start, end),
        overrun: () => this.#overrun(),
        failed: (error) => this.#fail(error),
      });
      this.#resync('all');
    } catch (error) {
      this.#fail(asLinuxError(error));
    }
  }

  #fail(error: LinuxError): void {
    if (this.#closed) return;
    this.close();
    this.#listener?.failed(error);
  }

  #indexed(route: KernelRoute): RawRoute | ProgramError {
    const { prefix, type, metric, protocol, table } = route;
    const nextHops: RawNextHop[] = [];
    for (const { interface: name, gateway, onlink, weight } of route.nextHops) {
      const index = name === '' ? 0 : this.#state?.links.indexOf(name);
      if (index === undefined) return { errno: 'ENODEV', message: `no interface ${name}` };
      nextHops.push({ gateway, index, onlink, weight });
    }
    return { prefix, type, nextHops, metric, protocol, table };
  }

  #read(bytes: Buffer, start: number, end: number): void {
    try {
      readMessages(bytes, start, end, this.#take);
    } catch (error) {
      if (!(error instanceof NetlinkFormatError)) throw error;
      this.#overrun();
    }
  }

  readonly #take = (message: NetlinkMessage): void => {
    if (this.#state !== undefined && !this.#closed) this.#event(message, this.#state);
  };

  #event(message: NetlinkMessage, state: Mirrors): void {
    switch (message.type) {
      case NLMSG_ERROR:
        this.#writes.answer(message.sequence, readAnswer(message));
        break;
      case RTM_NEWLINK:
      case RTM_DELLINK:
        this.#linkEvent(message, state);
        break;
      case RTM_NEWADDR:
      case RTM_DELADDR:
        this.#addressEvent(message, state);
        break;
      case RTM_NEWROUTE:
      case RTM_DELROUTE:
        this.#routeEvent(message, state);
        break;
    }
  }

  #linkEvent(message: NetlinkMessage, { links, ipv4 }: Mirrors): void {
    const link = decodeLink(message);
    if (link === undefined) return;
    const before = links.links.get(link.index);
    const gone = message.type === RTM_DELLINK;
    links.links.put(link.index, gone ? undefined : link);
    if (before !== undefined && !gone && before.name !== link.name) this.#resync('all');
    if (before?.up === true && (gone || !link.up) && ipv4.flushInterface(before.name)) {
      this.#resync('ipv4-routes');
    }
  }

  #addressEvent(message: NetlinkMessage, { links }: Mirrors): void {
    const address = decodeAddress(message);
    if (address === undefined) return;
    const gone = message.type === RTM_DELADDR;
    const named = links.named(address);
    if (named === undefined && !gone) this.#resync('all');
    links.addresses.put(addressKey(address), gone ? undefined : named);
    // Routes that prefer the address as their source vanish without an event.
    if (gone && address.prefix.address.length === 4) this.#resync('ipv4-routes');
  }

  #routeEvent(message: NetlinkMessage, state: Mirrors): void {
    const route = this.#echoed(message, state) ?? this.#route(message, state);
    if (route === undefined) return;
    const mirror = mirrorOf(state, route);
    if (message.type === RTM_DELROUTE) mirror.removed(route);
    else mirror.added(route, (message.flags & NLM_F_REPLACE) !== 0);
  }

  /** The route of our own request when the event is its echo and cannot show another. */
  #echoed({ type, port, sequence }: NetlinkMessage, state: Mirrors): KernelRoute | undefined {
    if (port !== this.#events?.port) return undefined;
    const sent = this.#writes.unanswered(sequence);
    if (sent === undefined || sent.route.table !== this.#table) return undefined;
    const { request, route } = sent;
    if ((request === 'remove') !== (type === RTM_DELROUTE)) return undefined;
    // The kernel takes the first of several, and for metric 0 of any metric.
    const exact =
      request === 'remove'
        ? route.metric !== 0 && mirrorOf(state, route).isSingle(route)
        : isShownAsWritten(route);
    return exact ? route : undefined;
  }

  /** The route with names of interfaces; undefined when it is not for us. */
  #route(message: NetlinkMessage, { links, shared }: Mirrors): KernelRoute | undefined {
    const route = decodeRoute(message);
    if (typeof route === 'number' || route.table !== this.#table) return undefined;
    const { prefix, type, metric, protocol, table } = route;
    const nextHops: NextHop[] = [];
    for (const { index, gateway, onlink, weight } of route.nextHops) {
      const name = links.nameOf(index);
      if (name === undefined) {
        this.#resync('all');
        return undefined;
      }
      nextHops.push({ gateway, interface: name, onlink, weight });
    }
    return { prefix, type, nextHops: shared.take(nextHops), metric, protocol, table };
  }

  #overrun(): void {
    this.#lostUpTo = this.#writes.sequence;
    this.#resync('all');
  }

  #resync(what: Exclude<Resync, 'none'>): void {
    if (this.#needed !== 'all') this.#needed = what;
    if (this.#closed || this.#dumps.running || this.#resyncTimer !== undefined) return;
    const delay = this.#lastResync + RESYNC_INTERVAL - this.#clock.now();
    if (delay <= 0) this.#startResync();
    else this.#resyncTimer = this.#clock.setTimer('resync', delay, () => this.#startResync());
  }

  #startResync(): void {
    const state = this.#state;
    if (state === undefined) return;
    const needed = this.#needed;
    const lostUpTo = this.#lostUpTo;
    this.#resyncTimer = undefined;
    this.#needed = 'none';
    this.#lastResync = this.#clock.now();
    const routes = this.#routeDump(4, state.ipv4);
    const all = [linkDump(state), addressDump(state), routes, this.#routeDump(6, state.ipv6)];
    this.#dumps.run(needed === 'all' ? all : [routes], () => {
      this.#writes.lose(lostUpTo);
      if (needed === 'all') this.#listener?.synchronised();
      if (this.#needed !== 'none') this.#resync(this.#needed);
    });
  }

  #routeDump(family: 4 | 6, mirror: RouteMirror): Dump {
    return {
      request: (out, sequence) => encodeRouteDump(out, family, this.#table, sequence),
      begin: () => mirror.begin(),
      message: (message) => {
        const route = this.#state && this.#route(message, this.#state);
        if (route !== undefined) mirror.dumped(route);
      },
      end: () => mirror.end(),
    };
  }
}

interface Mirrors {
  readonly shared: SharedHops;
  readonly links: LinkMirror;
  readonly ipv4: RouteMirror;
  readonly ipv6: RouteMirror;
}

const mirrorOf = ({ ipv4, ipv6 }: Mirrors, { prefix }: KernelRoute): RouteMirror =>
  prefix.address.length === 4 ? ipv4 : ipv6;

function newMirrors(listener: KernelListener): Mirrors {
  const tell = (route: KernelRoute, gone: boolean): void => listener.route(route, gone);
  return {
    shared: new SharedHops(),
    links: new LinkMirror(listener),
    ipv4: new RouteMirror(tell),
    ipv6: new RouteMirror(tell),
  };
}

function linkDump({ links: { links } }: Mirrors): Dump {
  return {
    request: encodeLinkDump,
    begin: () => links.begin(),
    message: (message) => {
      const link = decodeLink(message);
      if (link !== undefined) links.dumped(link.index, link);
    },
    end: () => links.end(),
  };
}

function addressDump({ links }: Mirrors): Dump {
  return {
    request: encodeAddressDump,
    begin: () => links.addresses.begin(),
    message: (message) => {
      const address = decodeAddress(message);
      const named = address && links.named(address);
      if (address && named) links.addresses.dumped(addressKey(address), named);
    },
    end: () => links.addresses.end(),
  };
}
