import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterNewNetworkNamespace } from '../../src/linux/namespace.ts';
import { BengalProcess } from '../bengal-process.ts';
import { addressOf, blockOf, clusterOf, object } from '../cluster-of.ts';
import { quantile } from '../figures.ts';
import type { Figures, Row, Scenario } from '../scenario.ts';
import { kubernetesStore, STORES, type Store } from '../stores.ts';
import { TcpPeer } from '../tcp-peer.ts';

const NODES = 500;
const STARTS = 3;
const CHANGES = 50;
const PAUSE = 100;
const ASN = 64_512;

/** In a network of its own, where the node and its neighbour have their addresses. */
function enterNetwork(): void {
  enterNewNetworkNamespace();
  const ip = (...words: readonly string[]): void => void execFileSync('ip', words);
  ip('link', 'set', 'lo', 'up');
  for (const number of [1, 2]) ip('address', 'add', `${addressOf(number)}/32`, 'dev', 'lo');
}

interface Running {
  readonly bengal: BengalProcess;
  /** Waits for the next UPDATE that announces or withdraws, and tells when it came. */
  next(): Promise<number>;
  end(): Promise<void>;
}

/** On an empty FIB: what another life left there would make it wait for its neighbours. */
function start(store: Store): Running {
  execFileSync('ip', ['route', 'flush', 'proto', '12']);
  const directory = mkdtempSync(path.join(tmpdir(), 'bengal-bench-'));
  const socket = ['--socket', path.join(directory, 'bengal.sock'), '--http', 'off'];
  const args = ['node', ...store.args, ...socket, '--bird-socket', 'off'];
  const bengal = new BengalProcess(args, { NODENAME: 'node-1', ...store.env });
  let waiting: (at: number) => void = () => {};
  const next = (): Promise<number> =>
    new Promise((resolve) => {
      waiting = resolve;
    });
  const updated = (at: number): void => waiting(at);
  const neighbour = { from: addressOf(2), to: addressOf(1), asn: ASN, bgpId: 0x0a00_0201 };
  const peer = new TcpPeer({ ...neighbour, updated });
  const end = async (): Promise<void> => {
    peer.close();
    await bengal.end();
    rmSync(directory, { recursive: true });
  };
  return { bengal, next, end };
}

async function startOnce(): Promise<Figures> {
  const store = await kubernetesStore(clusterOf(NODES));
  const { bengal, next, end } = start(store);
  const first = next();
  const listening = await bengal.ready;
  const route = (await first) - bengal.started;
  await bengal.settled();
  const { rss, cpu } = bengal;
  await end();
  await store.close();
  return { 'listening ms': listening, 'first route ms': route, 'CPU ms': cpu, 'settled MB': rss };
}

async function startRows(): Promise<readonly Row[]> {
  enterNetwork();
  const runs: Figures[] = [];
  for (let run = 0; run < STARTS; run++) runs.push(await startOnce());
  return ['least', 'median'].map((what, index) => ({
    what: `${what} of ${STARTS} starts`,
    target: 'bengal',
    figures: Object.fromEntries(
      Object.keys(runs[0] ?? {}).map((name) => [
        name,
        quantile(
          runs.map((run) => run[name] ?? Number.NaN),
          index / 2,
        ),
      ]),
    ),
  }));
}

/** One block of node-1 after the other is added and deleted again. */
async function latencies(what: string, store: Store): Promise<readonly Row[]> {
  const { bengal, next, end } = start(store);
  const first = next();
  await bengal.ready;
  await first;
  await bengal.settled();
  const timed = async (write: () => Promise<void>): Promise<number> => {
    const update = next();
    const written = performance.now();
    await write();
    const taken = (await update) - written;
    await sleep(PAUSE);
    return taken;
  };
  const added: number[] = [];
  const deleted: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const { spec } = blockOf(1, `100.120.${change}.0/26`);
    const block = object('BlockAffinity', `node-1-block-${change}`, spec);
    added.push(await timed(() => store.put(block)));
    deleted.push(await timed(() => store.delete(block)));
  }
  await end();
  await store.close();
  const row = (which: string, taken: readonly number[]): Row => ({
    what: `${what}, ${which}`,
    target: 'bengal',
    figures: {
      'median ms': quantile(taken, 0.5),
      'p90 ms': quantile(taken, 0.9),
      'most ms': quantile(taken, 1),
    },
  });
  return [row('added', added), row('deleted', deleted)];
}

async function wireRows(): Promise<readonly Row[]> {
  enterNetwork();
  const rows: Row[] = [];
  for (const [what, open] of Object.entries(STORES))
    rows.push(...(await latencies(what, await open(clusterOf(NODES)))));
  return rows;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'start',
    about: `bengal node on a stand-in for the API server with ${NODES} nodes, until nothing moves any more`,
    needsRoot: true,
    run: startRows,
  },
  {
    name: 'wire',
    about: `From a change in the datastore to the UPDATE at a neighbour, ${NODES} nodes`,
    needsRoot: true,
    run: wireRows,
  },
];
