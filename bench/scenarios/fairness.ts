import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CompiledPolicy } from '../../src/policy/compile.ts';
import type { RibPeer, RibPeerSettings } from '../../src/rib/types.ts';
import { megabytes, threadCpu } from '../figures.ts';
import { Keepalives } from '../keepalives.ts';
import type { Row, Scenario } from '../scenario.ts';
import { ACCEPT, addPeer, feed, Sink, settled, update } from './rib.ts';

const CLIENTS = 1000;
const FAMILY = 'ipv4-unicast';
/** UPDATEs handed over in one turn, as one read of a socket brings them. */
const READ = 400;

const other = (name: string): CompiledPolicy => ({ ...ACCEPT, key: name });

/**
 * How long the event loop stood still at most, and in all but one of a hundred turns; what the
 * dearest turn used of the CPU, which is nearly the same on a busy machine; and how late keepalives
 * were.
 */
async function phase(
  keepalives: Keepalives,
  what: string,
  work: () => Promise<void> | void,
): Promise<Row> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const cpu = process.cpuUsage();
  let dearest = 0;
  keepalives.reset();
  let running = true;
  const watch = (before: number): void => {
    dearest = Math.max(dearest, threadCpu() - before);
    if (running) setImmediate(watch, threadCpu());
  };
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 10));
  delay.reset();
  setImmediate(watch, threadCpu());
  await work();
  await new Promise((resolve) => setTimeout(resolve, 10));
  delay.disable();
  running = false;
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    'loop delay most ms': delay.max / 1e6,
    'loop delay p99 ms': delay.percentile(99) / 1e6,
    'dearest turn CPU ms': dearest,
    keepalives: keepalives.sent,
    'keepalives late': keepalives.late,
    'latest keepalive ms': keepalives.latest,
    'CPU s': (user + system) / 1e6,
    'RSS MB': megabytes(process.memoryUsage.rss()),
  };
  console.error(what, figures);
  return { what, target: 'bengal', figures };
}

async function announce(peer: RibPeer, updates: readonly Buffer[]): Promise<void> {
  for (let at = 0; at < updates.length; at += READ) {
    for (const bytes of updates.slice(at, at + READ)) peer.receiveUpdate(bytes, 0, bytes.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One block of a client's own. */
const own = (client: number): Buffer =>
  update(
    [{ prefix: { address: Uint8Array.of(200, client >>> 8, client & 255, 0), length: 24 } }],
    client,
    client,
  );

async function run(): Promise<readonly Row[]> {
  const updates = feed();
  const keepalives = new Keepalives();
  const { rib } = keepalives;
  await keepalives.established();
  const measure = (what: string, work: () => Promise<void> | void): Promise<Row> =>
    phase(keepalives, what, work);
  const feeder = addPeer(rib, 0, new Sink());
  let clients: RibPeer[] = [];
  const connect = async (): Promise<void> => {
    clients = Array.from({ length: CLIENTS }, (_, index) => addPeer(rib, index + 1, new Sink()));
    for (const [index, client] of clients.entries()) await announce(client, [own(index)]);
    await settled(rib);
  };
  const reload = (policy: Partial<RibPeerSettings>, peers: readonly RibPeer[]) => async () => {
    for (const peer of peers) peer.configure({ ...peer.settings, ...policy });
    await settled(rib);
  };
  await connect();
  const load = await measure(`1M routes pass to ${CLIENTS} clients`, async () => {
    await announce(feeder, updates);
    await settled(rib);
  });
  const lost = await measure(`${CLIENTS} clients are lost at once`, async () => {
    for (const client of clients) client.remove();
    await settled(rib);
  });
  const back = await measure(`${CLIENTS} clients come back at once`, connect);
  const half = clients.slice(CLIENTS / 2);
  const exports = await measure(
    'another export policy for all',
    reload({ exportPolicy: other('second') }, clients),
  );
  const apart = await measure(
    'another export policy for half of them',
    reload({ exportPolicy: other('third') }, half),
  );
  const together = await measure(
    'the same export policy for all again',
    reload({ exportPolicy: other('second') }, half),
  );
  const imports = await measure(
    'another import policy for 1M routes',
    reload({ importPolicy: other('second') }, [feeder]),
  );
  const stale = await measure('the feeder restarts and keeps its routes', async () => {
    feeder.down([FAMILY]);
    await settled(rib);
  });
  const swept = await measure('what it does not announce again is swept', async () => {
    feeder.sweepStale([FAMILY]);
    await settled(rib);
  });
  keepalives.close();
  return [load, lost, back, exports, apart, together, imports, stale, swept];
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'fairness',
    about: `How long the event loop of a reflector stands still: 1M routes, ${CLIENTS} clients, no sockets; and whether keepalives leave on time meanwhile`,
    needsRoot: false,
    run,
  },
];
