import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterNewNetworkNamespace } from '../../src/linux/namespace.ts';
import { BengalProcess } from '../bengal-process.ts';
import { addressOf, clusterOf } from '../cluster-of.ts';
import type { Row, Scenario } from '../scenario.ts';
import { STORES, type Store } from '../stores.ts';

const ROUTES = 1000;
const ASN = 64_512;
const PATIENCE = 60_000;
const POLL = 200;
const NEIGHBOUR = `bengal-bench-${process.pid}-n`;
const BIRD = '/usr/sbin/bird';

const ip = (...words: readonly string[]): string =>
  execFileSync('ip', words, { encoding: 'utf8', maxBuffer: 1 << 26 });

/** Two nodes on one link: this process in a new network, the neighbour in another. */
function enterNetwork(): void {
  enterNewNetworkNamespace();
  ip('netns', 'add', NEIGHBOUR);
  ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', NEIGHBOUR);
  ip('address', 'add', `${addressOf(1)}/8`, 'dev', 'eth0');
  ip('-n', NEIGHBOUR, 'address', 'add', `${addressOf(2)}/8`, 'dev', 'eth0');
  for (const device of ['lo', 'eth0']) {
    ip('link', 'set', device, 'up');
    ip('-n', NEIGHBOUR, 'link', 'set', device, 'up');
  }
}

/** BIRD as node-2, with a block for every route. */
function startNeighbour(directory: string): ChildProcess {
  const blocks = Array.from(
    { length: ROUTES },
    (_, at) => `  route 100.${100 + (at >> 10)}.${(at >> 2) & 255}.${(at & 3) * 64}/26 blackhole;`,
  );
  const config = `
router id ${addressOf(2)};
protocol device {}
protocol static {
  ipv4;
${blocks.join('\n')}
}
protocol bgp {
  local ${addressOf(2)} as ${ASN};
  neighbor ${addressOf(1)} as ${ASN};
  connect retry time 1;
  ipv4 { import none; export all; next hop self; };
}
`;
  const file = path.join(directory, 'bird.conf');
  writeFileSync(file, config);
  const words = [BIRD, '-f', '-c', file, '-s', path.join(directory, 'bird.ctl')];
  return spawn('ip', ['netns', 'exec', NEIGHBOUR, ...words], { stdio: 'ignore' });
}

const programmed = (): number => ip('-4', 'route', 'show', 'proto', '12').split('\n').length - 1;

async function settledOn(what: string, store: Store, directory: string): Promise<Row> {
  const socket = ['--socket', path.join(directory, 'bengal.sock'), '--http', 'off'];
  const args = ['node', ...store.args, ...socket, '--bird-socket', 'off'];
  const bengal = new BengalProcess(args, { NODENAME: 'node-1', ...store.env });
  try {
    await bengal.ready;
    for (let waited = 0; programmed() < ROUTES; waited += POLL) {
      if (waited > PATIENCE) throw new Error(`${programmed()} of ${ROUTES} routes came`);
      await sleep(POLL);
    }
    await bengal.settled();
    const figures = { 'settled MB': bengal.rss, 'CPU ms': bengal.cpu };
    return { what: `${ROUTES} routes in the FIB, ${what}`, target: 'bengal', figures };
  } finally {
    await bengal.end();
  }
}

async function run(): Promise<readonly Row[]> {
  enterNetwork();
  const directory = mkdtempSync(path.join(tmpdir(), 'bengal-bench-'));
  const neighbour = startNeighbour(directory);
  const rows: Row[] = [];
  try {
    for (const [what, open] of Object.entries(STORES)) {
      const store = await open(clusterOf(2));
      rows.push(await settledOn(what, store, directory));
      await store.close();
      ip('-4', 'route', 'flush', 'proto', '12');
    }
  } finally {
    neighbour.kill();
    await once(neighbour, 'exit');
    rmSync(directory, { recursive: true });
    ip('netns', 'delete', NEIGHBOUR);
  }
  return rows;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'node-memory',
    about: `bengal node with ${ROUTES} routes of a neighbour (BIRD) in the FIB, settled`,
    needsRoot: true,
    run,
  },
];
