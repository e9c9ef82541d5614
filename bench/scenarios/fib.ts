import { execFileSync } from 'node:child_process';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { FibProgrammer } from '../../src/kernel/fib-programmer.ts';
import { FibState } from '../../src/kernel/fib-state.ts';
import { RtnetlinkKernel } from '../../src/kernel/rtnetlink-kernel.ts';
import { enterNewNetworkNamespace } from '../../src/linux/namespace.ts';
import { formatPrefix, type Prefix } from '../../src/net/prefix.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { SlicedWork } from '../../src/runtime/sliced-work.ts';
import { megabytes } from '../figures.ts';
import type { Figures, Row, Scenario } from '../scenario.ts';

const COUNT = 100_000;
/** Churn: routes that change their next hop, every so many milliseconds, for so long. */
const CHURN = { routes: 200, every: 10, seconds: 5 };

const prefixes: readonly Prefix[] = Array.from({ length: COUNT }, (_, i) => ({
  address: Uint8Array.of(10, 1 + (i >> 16), (i >> 8) & 255, i & 255),
  length: 32,
}));

async function run(): Promise<readonly Row[]> {
  enterNewNetworkNamespace();
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far0');
  ip('link', 'set', 'far0', 'up');
  ip('link', 'set', 'eth0', 'up');
  ip('addr', 'add', '10.0.0.1/24', 'dev', 'eth0');
  const theirs = { 'adds/s': rate(batch('add', 2)), 'deletes/s': rate(batch('del', 2)) };
  return [{ what: 'routes', target: 'ip -batch', figures: theirs }, ...(await programAll())];
}

async function programAll(): Promise<readonly Row[]> {
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
  await synchronised(kernel, programmer);
  delay.enable();
  const add = await timed(programmer, () => set(programmer, '10.0.0.2'));
  const change = await timed(programmer, () => set(programmer, '10.0.0.3'));
  const bulk = { p99: delay.percentile(99) / 1e6, most: delay.max / 1e6 };
  const churn = await churned(programmer, delay);
  const remove = await timed(programmer, () => {
    for (const prefix of prefixes) programmer.clear(prefix);
  });
  kernel.close();
  programmer.close();
  const figures = {
    'adds/s': rate(add),
    'deletes/s': rate(remove),
    'changes/s': rate(change),
    'RSS MB': megabytes(process.memoryUsage.rss()),
    'loop delay p99 ms': bulk.p99,
    'loop delay most ms': bulk.most,
  };
  const perSecond = (CHURN.routes * 1000) / CHURN.every;
  return [
    { what: 'routes', target: 'bengal', figures },
    { what: `churn of ${perSecond} routes a second`, target: 'bengal', figures: churn },
  ];
}

/** Among all routes, some change at a steady rate, as they do while sessions go on. */
async function churned(programmer: FibProgrammer, delay: IntervalHistogram): Promise<Figures> {
  const rounds = (CHURN.seconds * 1000) / CHURN.every;
  delay.reset();
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    const from = (round * CHURN.routes) % COUNT;
    set(programmer, `10.0.0.${4 + (round % 200)}`, from, from + CHURN.routes);
    const next = start + (round + 1) * CHURN.every;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
  const late = await timed(programmer, () => {});
  const { user, system } = process.cpuUsage(cpu);
  return {
    'changes/s': Math.round((rounds * CHURN.routes * 1000) / (performance.now() - start)),
    'behind at the end ms': late,
    'CPU %': (user + system) / 10 / (performance.now() - start),
    'loop delay p99 ms': delay.percentile(99) / 1e6,
    'loop delay most ms': delay.max / 1e6,
  };
}

const synchronised = (kernel: RtnetlinkKernel, programmer: FibProgrammer): Promise<void> =>
  new Promise((resolve) => {
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

function set(programmer: FibProgrammer, gateway: string, from = 0, to = COUNT): void {
  const hop = { gateway, interface: 'eth0', onlink: false, weight: 1 };
  const route = { type: 'unicast', nextHops: [hop], metric: 1024 } as const;
  for (const prefix of prefixes.slice(from, to)) programmer.set(prefix, route);
}

async function timed(programmer: FibProgrammer, change: () => void): Promise<number> {
  const start = performance.now();
  change();
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

const rate = (taken: number): number => Math.round((COUNT / taken) * 1000);

export const scenarios: readonly Scenario[] = [
  {
    name: 'fib',
    about: `${COUNT} routes into a kernel FIB and out again, beside ip -batch`,
    needsRoot: true,
    run,
  },
];
