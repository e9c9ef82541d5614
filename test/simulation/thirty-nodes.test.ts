import { beforeEach, expect, test } from 'vitest';
import { keyOf, type Resource } from '../../src/datastore/datastore.ts';
import { Cluster, type Machine } from '../../src/lab/cluster.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { stateName } from '../../src/speaker/report-peer.ts';

const SIZE = 30;
const NUMBERS = Array.from({ length: SIZE }, (_, index) => index + 1);
/** A node that joins later. */
const LATE = SIZE + 1;

const object = (kind: string, name: string, spec: Resource['spec'], labels = {}): Resource => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, labels, annotations: {} },
  spec,
});

const nodeName = (number: number): string => `node-${number}`;
const addressOf = (number: number): string => `172.30.0.${number}`;

const nodeOf = (number: number): Resource =>
  object('Node', nodeName(number), { bgp: { ipv4Address: `${addressOf(number)}/24` } });

const blockOf = (number: number): Resource =>
  object('BlockAffinity', `${nodeName(number)}-block`, {
    node: nodeName(number),
    cidr: `10.244.${number}.0/26`,
    state: 'confirmed',
    deleted: false,
  });

const mesh = (nodeToNodeMeshEnabled: boolean): Resource =>
  object('BGPConfiguration', 'default', { asNumber: 64512, nodeToNodeMeshEnabled });

const REFLECTOR = object(
  'Node',
  'reflector',
  { bgp: { ipv4Address: '172.30.0.100/24', routeReflectorClusterID: '244.0.0.1' } },
  { 'bengal.io/reflector': 'standalone' },
);

const THROUGH_REFLECTOR = object('BGPPeer', 'through-the-reflector', {
  nodeSelector: '!has(bengal.io/reflector)',
  peerSelector: "bengal.io/reflector == 'standalone'",
});

const POOL = object('IPPool', 'pods', {
  cidr: '10.244.0.0/16',
  ipipMode: 'Never',
  vxlanMode: 'Never',
  blockSize: 26,
});

let clock: VirtualClock;
let cluster: Cluster;
let losses: Set<string>;
/** Nodes whose blocks every one of them must reach. */
let present: readonly number[];

const machine = (number: number): Machine => {
  const found = cluster.machine(nodeName(number));
  if (found === undefined) throw new Error(`no ${nodeName(number)}`);
  return found;
};

/** Blocks that a FIB does not lead to their owner. */
function missing(): readonly string[] {
  return present.flatMap((at) =>
    present
      .filter((to) => {
        const hop = machine(at).fib.lookup(`10.244.${to}.1`)?.nextHops[0];
        return at !== to && hop?.gateway !== addressOf(to);
      })
      .map((to) => `${nodeName(at)} has no route to ${nodeName(to)}`),
  );
}

function watch(): void {
  for (const line of missing()) losses.add(line);
  clock.setTimer('watch', 250, watch);
}

const sessions = (number: number): readonly string[] =>
  machine(number).speaker?.peers.map((peer) => stateName(peer)) ?? [];

const flaps = (): number =>
  NUMBERS.flatMap((number) => machine(number).speaker?.peers ?? []).reduce(
    (sum, peer) => sum + peer.flaps,
    0,
  );

beforeEach(() => {
  clock = new VirtualClock();
  const all = [...NUMBERS, LATE].flatMap((number) => [nodeOf(number), blockOf(number)]);
  const resources = [mesh(true), POOL, REFLECTOR, ...all];
  cluster = new Cluster({
    resources,
    clock,
    random: seededRandom(30),
    logger: silentLogger,
    probe: silentProbe,
  });
  cluster.datastore.delete(keyOf(nodeOf(LATE)), keyOf(blockOf(LATE)));
  for (const one of cluster.machines) if (one.name !== nodeName(LATE)) one.start();
  losses = new Set();
  present = NUMBERS;
  clock.advance(20_000);
  expect(missing()).toEqual([]);
  expect(sessions(1)).toEqual(Array.from({ length: SIZE - 1 }, () => 'Established'));
  watch();
});

test('a full mesh takes in a node and lets one go, and nobody else notices', () => {
  const before = flaps();
  cluster.datastore.apply(nodeOf(LATE), blockOf(LATE));
  machine(LATE).start();
  clock.advance(15_000);
  present = [...NUMBERS, LATE];
  expect(missing()).toEqual([]);
  expect(flaps()).toBe(before);

  present = [...NUMBERS.slice(1), LATE];
  cluster.datastore.delete(keyOf(nodeOf(1)), keyOf(blockOf(1)));
  machine(1).crash();
  clock.advance(15_000);
  expect(machine(2).fib.lookup('10.244.1.1')).toBeUndefined();
  expect(sessions(2)).toEqual(Array.from({ length: SIZE - 1 }, () => 'Established'));
  expect([...losses]).toEqual([]);
});

test('a mesh becomes a reflector without losing a route', () => {
  cluster.datastore.apply(THROUGH_REFLECTOR);
  clock.advance(20_000);
  expect(sessions(1)).toEqual(Array.from({ length: SIZE }, () => 'Established'));
  cluster.datastore.apply(mesh(false));
  clock.advance(60_000);
  expect(sessions(1)).toEqual(['Established']);
  expect(missing()).toEqual([]);
  cluster.datastore.apply(mesh(true));
  clock.advance(20_000);
  cluster.datastore.delete(keyOf(THROUGH_REFLECTOR));
  clock.advance(60_000);
  expect(sessions(1)).toEqual(Array.from({ length: SIZE - 1 }, () => 'Established'));
  expect([...losses]).toEqual([]);
});
