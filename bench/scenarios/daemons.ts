import { existsSync } from 'node:fs';
import { bengal } from '../daemons/bengal.ts';
import { bird } from '../daemons/bird.ts';
import type { Daemon } from '../daemons/daemon.ts';
import { frr } from '../daemons/frr.ts';
import { gobgp } from '../daemons/gobgp.ts';
import { openbgpd } from '../daemons/openbgpd.ts';
import { mediansOf } from '../figures.ts';
import { DaemonProcess } from '../load/daemon-process.ts';
import { compileGenerator, PATIENCE, play } from '../load/generator.ts';
import { clientAddress, DAEMON_ADDRESS, LoadNetwork } from '../load/network.ts';
import type { Figures, Options, Row, Scenario } from '../scenario.ts';

const DAEMONS: readonly Daemon[] = [bengal, bird, frr, gobgp, openbgpd];
const ASN = 65_000;
const TABLE = 1_000_000;
/** Octets that a daemon may take; some would fill the machine. */
const MOST_MEMORY = 6 * 2 ** 30;

/** What the generator plays, and how many sessions that takes. */
interface Load {
  readonly sessions: number;
  readonly args: readonly string[];
  readonly size?: number;
  /** Routes that the daemon holds in the end of the step `load`, where one row each is to be told. */
  readonly routes?: number;
  /** A row of its own for the time from the start of the daemon until all was delivered. */
  readonly whole?: string;
}

/** All announce 64 blocks; then a tenth of these goes and comes back. */
const clients = (count: number): Load => ({
  sessions: count,
  args: ['--clients', String(count), '--do', 'load,churn=10'],
});

/** What its clients wait for when a reflector is started again: it begins with nothing, as at first. */
const RESTART: Load = {
  sessions: 1000,
  args: ['--clients', '1000', '--do', 'load'],
  whole: 'restart, until every client has everything',
};

/** One feeds a table to receivers, and is lost. */
const table = (receivers: number, prefixes = TABLE): Load => ({
  sessions: receivers + 1,
  routes: prefixes,
  args: [
    ...['--feeders', '1', '--table', String(prefixes), '--receivers', String(receivers)],
    ...['--do', 'load,reset'],
  ],
});

const LATENCY: Load = {
  sessions: 11,
  args: [
    ...['--feeders', '1', '--table', '1000', '--receivers', '10'],
    ...['--do', 'load,latency=1000'],
  ],
};

async function sideBySide(
  loads: readonly Load[],
  { targets, plays }: Options,
): Promise<readonly Row[]> {
  const daemons = targets.map(daemonOf).filter(isInstalled);
  const binary = compileGenerator();
  const network = new LoadNetwork();
  const rows: Row[] = [];
  network.up();
  try {
    for (const load of loads)
      for (let play = 0; play < plays; play++)
        for (const daemon of daemons) rows.push(...(await attempt(daemon, load, binary, network)));
  } finally {
    network.down();
  }
  return mediansOf(rows);
}

/** A daemon that does not start, or cannot bear the load, leaves its place in the table empty. */
async function attempt(...[daemon, ...how]: Parameters<typeof measure>): Promise<readonly Row[]> {
  try {
    return await measure(daemon, ...how);
  } catch (error) {
    console.log(`${daemon.name} failed: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

function daemonOf(name: string): Daemon {
  const daemon = DAEMONS.find((at) => at.name === name);
  if (daemon === undefined)
    throw new Error(`there is no target ${name}, but ${DAEMONS.map((at) => at.name).join(', ')}`);
  return daemon;
}

function isInstalled({ name, binary }: Daemon): boolean {
  if (!existsSync(binary)) console.log(`${name} is left out: there is no ${binary}`);
  return existsSync(binary);
}

async function measure(
  daemon: Daemon,
  { sessions, args, size, routes, whole }: Load,
  binary: string,
  network: LoadNetwork,
): Promise<readonly Row[]> {
  const addresses = Array.from({ length: sessions }, (_, number) => clientAddress(number));
  const task = { address: DAEMON_ADDRESS, asn: ASN, clients: addresses };
  const running = await DaemonProcess.start(daemon, network, task);
  try {
    const start = { 'wall s': running.listeningAfter / 1000 };
    const played = await running.within(MOST_MEMORY, play(binary, network, running.pids, args));
    const { figures, unfinished } = played;
    if (unfinished !== undefined)
      console.log(`${daemon.name} did not finish ${unfinished}: a load may take ${PATIENCE} s`);
    const steps = new Map<string, Figures>([['start', start], ...figures]);
    if (routes !== undefined && figures.has('load'))
      steps.set('memory of a route', memoryOf(steps, routes));
    if (whole !== undefined && unfinished === undefined)
      steps.set(whole, { 'wall s': wallOf([...steps.values()]) });
    return [...steps].map(([what, at]) => ({
      what,
      target: daemon.name,
      figures: at,
      ...(size !== undefined && { size }),
    }));
  } finally {
    await running.end();
  }
}

/** What a loaded table adds to what the sessions took. */
function memoryOf(steps: ReadonlyMap<string, Figures>, routes: number): Figures {
  const [before = Number.NaN, after = Number.NaN] = ['sessions', 'load'].map(
    (step) => steps.get(step)?.['RSS MB'],
  );
  return { octets: ((after - before) * 2 ** 20) / routes };
}

const wallOf = (steps: readonly Figures[]): number =>
  steps.reduce((sum, figures) => sum + (figures['wall s'] ?? 0), 0);

const scenario = (name: string, about: string, ...loads: readonly Load[]): Scenario => ({
  name,
  about,
  needsRoot: true,
  run: (options) => sideBySide(loads, options),
});

const CLIENTS = [50, 100, 200, 400].map((size) => ({ ...clients(size), size }));
const TABLES = [100_000, 200_000, 400_000].map((size) => ({ ...table(1, size), size }));

export const scenarios: readonly Scenario[] = [
  scenario('clients-100', 'Daemons: 100 clients with 64 blocks each', clients(100)),
  scenario('clients-500', 'Daemons: 500 clients with 64 blocks each', clients(500)),
  scenario('clients-1000', 'Daemons: 1000 clients with 64 blocks each', clients(1000)),
  scenario('restart-1000', 'Daemons: a reflector of 1000 clients is started again', RESTART),
  scenario('table-1', `Daemons: ${TABLE} prefixes from one client to another`, table(1)),
  scenario('table-10', `Daemons: ${TABLE} prefixes from one client to ten`, table(10)),
  scenario('table-50', `Daemons: ${TABLE} prefixes from one client to fifty`, table(50)),
  scenario('latency', 'Daemons: one prefix to ten clients, again and again', LATENCY),
  {
    ...scenario('clients-growth', 'Daemons: cost against the number of clients', ...CLIENTS),
    growth: { size: 'clients', figures: ['CPU s', 'peak MB'] },
  },
  {
    ...scenario('table-growth', 'Daemons: cost against the number of prefixes', ...TABLES),
    growth: { size: 'prefixes', figures: ['CPU s', 'peak MB'] },
  },
];
