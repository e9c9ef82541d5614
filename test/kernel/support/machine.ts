import { execFileSync } from 'node:child_process';
import type { Kernel, KernelRoute, NextHop } from '../../../src/kernel/kernel.ts';
import { MemoryFib } from '../../../src/kernel/memory-fib.ts';
import { MemoryKernel } from '../../../src/kernel/memory-kernel.ts';
import { RtnetlinkKernel } from '../../../src/kernel/rtnetlink-kernel.ts';
import { enterNewNetworkNamespace } from '../../../src/linux/namespace.ts';
import { formatPrefix } from '../../../src/net/prefix.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';

/** iproute2, the other program of these tests. */
const IPROUTE: string = 'ip';

/** A machine whose kernel is under test, with the hands of other programs and people. */
export interface Machine {
  readonly clock: Clock;
  open(): Kernel;
  setLink(name: string, up: boolean): void;
  removeLink(name: string): void;
  addAddress(name: string, address: string): void;
  removeAddress(name: string, address: string): void;
  /** Another program adds (never over something) or deletes a route. */
  add(route: KernelRoute): void;
  remove(route: KernelRoute): void;
  /** Another program changes the route at a prefix and metric, whoever's it is. */
  replace(route: KernelRoute): void;
  /** Lets events happen until `done` holds; throws when it never does. */
  until(done: () => boolean): Promise<void>;
  /** Lets everything happen that is under way. */
  settle(): Promise<void>;
  close(): void;
}

export function memoryMachine(): Machine {
  const clock = new VirtualClock();
  const fib = new MemoryFib();
  const must = (error: { readonly errno: string } | undefined): void => {
    if (error !== undefined) throw new Error(error.errno);
  };
  return {
    clock,
    open: () => new MemoryKernel(fib, clock),
    setLink: (name, up) => fib.setLink(name, up),
    removeLink: (name) => fib.removeLink(name),
    addAddress: (name, address) => fib.addAddress(name, address),
    removeAddress: (name, address) => fib.removeAddress(name, address),
    add: (route) => must(fib.add(route)),
    remove: (route) => must(fib.remove(route)),
    replace: (route) => must(fib.replace(route)),
    until: async (done) => {
      if (!clock.runUntil(done, 600_000)) throw new Error('it did not happen');
    },
    settle: async () => clock.advance(500),
    close: () => {},
  };
}

/** Why a real kernel cannot be tested here; undefined when it can. */
export function namespaceObstacle(): string | undefined {
  try {
    enterNewNetworkNamespace()();
    execFileSync(IPROUTE, ['-V']);
    return undefined;
  } catch (error) {
    return `no network namespace of its own: ${String(error)}`;
  }
}

/** This thread in a new network namespace, with veth links and iproute2 as the other program. */
export function namespaceMachine(): Machine {
  const leave = enterNewNetworkNamespace();
  const known = new Set<string>();
  ip('link set lo up');
  return {
    clock: processClock,
    open: () => new RtnetlinkKernel({ clock: processClock, table: 254 }),
    setLink: (name, up) => {
      if (!known.has(name)) {
        ip(`link add ${name} type veth peer name ${name}-far`);
        ip(`link set ${name}-far up`);
        known.add(name);
      }
      ip(`link set ${name} ${up ? 'up' : 'down'}`);
    },
    removeLink: (name) => ip(`link del ${name}`),
    addAddress: (name, address) => ip(`addr add ${address} dev ${name}${nodad(address)}`),
    removeAddress: (name, address) => ip(`addr del ${address} dev ${name}`),
    add: (route) => ip(`${words(route, 'add')}`),
    remove: (route) => ip(`${words(route, 'del')}`),
    replace: (route) => ip(`${words(route, 'replace')}`),
    until: async (done) => {
      const end = performance.now() + 20_000;
      while (!done()) {
        if (performance.now() > end) throw new Error('it did not happen');
        await pause(5);
      }
    },
    settle: () => pause(400),
    close: leave,
  };
}

const pause = (delay: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delay);
  });

const nodad = (address: string): string => (address.includes(':') ? ' nodad' : '');

/** Runs ip(8) in the namespace of this thread. */
export function ip(command: string, input?: string): string {
  return execFileSync(IPROUTE, command.split(' '), { encoding: 'utf8', input, stdio: 'pipe' });
}

function words(route: KernelRoute, verb: string): string {
  const { prefix, type, nextHops, metric, protocol, table } = route;
  const family = prefix.address.length === 4 ? '-4' : '-6';
  const hops = nextHops.map((hop) => hopWords(hop, nextHops.length > 1)).join('');
  return `${family} route ${verb} ${type} ${formatPrefix(prefix)} metric ${metric} proto ${protocol} table ${table}${hops}`;
}

function hopWords({ gateway, interface: name, onlink, weight }: NextHop, several: boolean): string {
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  const dev = name === '' ? '' : ` dev ${name}`;
  const more = several ? ` weight ${weight}` : '';
  return `${several ? ' nexthop' : ''}${via}${dev}${more}${onlink ? ' onlink' : ''}`;
}
