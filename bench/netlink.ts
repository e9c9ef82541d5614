/**
 * Programs 100k routes in a network namespace of its own, through the FIB programmer, and compares
 * with `ip -batch`. Needs root: `npx tsx bench/netlink.ts [routes]`.
 */
import { execFileSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { FibProgrammer } from '../src/kernel/fib-programmer.ts';
import { FibState } from '../src/kernel/fib-state.ts';
import { RtnetlinkKernel } from '../src/kernel/rtnetlink-kernel.ts';
import { enterNewNetworkNamespace } from '../src/linux/namespace.ts';
import { formatPrefix, type Prefix } from '../src/net/prefix.ts';
import { silentLogger } from '../src/runtime/logger.ts';
import { silentProbe } from '../src/runtime/probe.ts';
import { processClock } from '../src/runtime/process-clock.ts';
import { SlicedWork } from '../src/runtime/sliced-work.ts';

const COUNT = Number(process.argv[2] ?? 100_000);

const prefixes: readonly Prefix[] = Array.from({ length: COUNT }, (_, i) => ({
  address: Uint8Array.of(10, 1 + (i >> 16), (i >> 8) & 255, i & 255),
  length: 32,
}));

enterNewNetworkNamespace();
ip('link', 'set', 'lo', 'up');
ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far0');
ip('link', 'set', 'far0', 'up');
ip('link', 'set', 'eth0', 'up');
ip('addr', 'add', '10.0.0.1/24', 'dev', 'eth0');

const theirs = { add: batch('add', 2), del: batch('del', 2) };
report('ip -batch', theirs.add, theirs.del);

const delay = monitorEventLoopDelay({ resolution: 1 });
const kernel = new RtnetlinkKernel({ clock: processClock, table: 254 });
const programmer = new FibProgrammer({
  kernel,
  clock: processClock,
  work: new SlicedWork(processClock),
  logger: silentLogger,
  probe: silentProbe,
  table: 254,
  protocol: 12,
});
await new Promise<void>((resolve) => {
  kernel.start({
    link: (link, gone) => programmer.link(link, gone),
    address: (address, gone) => programmer.address(address, gone),
    route: (route, gone) => programmer.route(route, gone),
    synchronised: () => {
      programmer.synchronised();
      resolve();
    },
    failed: (error) => console.error(error.describe()),
  });
});

delay.enable();
const add = await timed(() => set('10.0.0.2'));
const change = await timed(() => set('10.0.0.3'));
const remove = await timed(() => {
  for (const prefix of prefixes) programmer.clear(prefix);
});
report('bengal', add, remove);
console.log(
  `bengal: ${rate(change)} changes/s, ${Math.round(process.memoryUsage.rss() / 1e6)} MB,`,
);
console.log(`event loop delay p99 ${ms(delay.percentile(99))}, max ${ms(delay.max)}`);
console.log(
  `ratio to ip -batch: add ${ratio(theirs.add, add)}, delete ${ratio(theirs.del, remove)}`,
);
kernel.close();
programmer.close();

function set(gateway: string): void {
  const hop = { gateway, interface: 'eth0', onlink: false, weight: 1 };
  const route = { type: 'unicast', nextHops: [hop], metric: 1024 } as const;
  for (const prefix of prefixes) programmer.set(prefix, route);
}

async function timed(run: () => void): Promise<number> {
  const start = performance.now();
  run();
  while (!programmer.settled) await new Promise((resolve) => setTimeout(resolve, 1));
  const taken = performance.now() - start;
  const failed = programmer.counts.findIndex((n, state) => n > 0 && state !== FibState.installed);
  if (failed >= 0) throw new Error(`routes are in state ${failed}`);
  return taken;
}

function batch(verb: string, host: number): number {
  const input = prefixes.map(
    (prefix) => `route ${verb} ${formatPrefix(prefix)} via 10.0.0.${host} dev eth0 metric 1024`,
  );
  const start = performance.now();
  execFileSync('ip', ['-batch', '-'], { input: input.join('\n') });
  return performance.now() - start;
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words);
}

function report(name: string, add: number, remove: number): void {
  console.log(`${name}: ${rate(add)} adds/s, ${rate(remove)} deletes/s`);
}

function rate(taken: number): number {
  return Math.round((COUNT / taken) * 1000);
}

function ms(nanoseconds: number): string {
  return `${(nanoseconds / 1e6).toFixed(1)} ms`;
}

function ratio(other: number, own: number): string {
  return (other / own).toFixed(2);
}
