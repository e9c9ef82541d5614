import { expect, test } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { derive, NodeDerivation } from '../../src/confd/derive.ts';
import type { Datastore, DatastoreListener, Resource } from '../../src/datastore/datastore.ts';
import { MemoryDatastore } from '../../src/datastore/memory-datastore.ts';
import { MemoryFib } from '../../src/kernel/memory-fib.ts';
import { MemoryKernel } from '../../src/kernel/memory-kernel.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { type Random, seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { stateName } from '../../src/speaker/report-peer.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { calico, node, nodes } from '../agent/world.ts';

const SEEDS = Math.min(500, Number(process.env['FC_RUNS'] ?? 100) / 2);
const FIRST = 3;
const LATE = 3;
/** Milliseconds in which everything appears, and for which news may be on their way to a node. */
const TURMOIL = 20_000;
const LAG = 8_000;
/** Longer than any wait after an error and the next attempt to connect. */
const QUIET = 120_000;

/** A datastore whose news reach this listener late, each in its turn. */
function late(datastore: Datastore, clock: Clock, random: Random): Datastore {
  let due = 0;
  const later = (tell: () => void): void => {
    due = Math.max(due, clock.now() + random.next() * LAG);
    clock.setTimer('news', due - clock.now(), tell);
  };
  return {
    stop: () => datastore.stop(),
    start: (listener: DatastoreListener) =>
      datastore.start({
        ...listener,
        put: (resource) => later(() => listener.put(resource)),
        delete: (key) => later(() => listener.delete(key)),
        synchronised: () => later(() => listener.synchronised()),
      }),
  };
}

/** Nodes and peerings that appear at any moment, before or after the machines that they describe. */
class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly datastore: MemoryDatastore = new MemoryDatastore(nodes(FIRST));
  readonly speakers: Map<number, Speaker> = new Map();
  readonly resources: Resource[] = [...nodes(FIRST)];
  readonly #random: Random;
  readonly #network: MemoryNetwork;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#network = new MemoryNetwork({ clock: this.clock, random: this.#random });
  }

  start(number: number): void {
    const { clock } = this;
    const address = `10.0.0.${number}`;
    const fib = new MemoryFib();
    fib.setLink('eth0', true);
    fib.addAddress('eth0', `${address}/24`);
    const shared = { clock, logger: silentLogger, probe: silentProbe };
    const speaker = new Speaker({
      ...shared,
      random: this.#random,
      transport: this.#network.host([address]),
      openKernel: () => new MemoryKernel(fib, clock),
    });
    const derivation = new NodeDerivation(`node-${number}`, {});
    const agent = new Agent({
      ...shared,
      datastore: late(this.datastore.connect(), clock, this.#random),
      derive: (resources) => derivation.derive(resources),
      speaker,
    });
    agent.start();
    this.speakers.set(number, speaker);
  }

  atAnyMoment(happens: () => void): void {
    this.clock.setTimer('newcomer', this.#random.next() * TURMOIL, happens);
  }

  apply(resource: Resource): void {
    this.resources.push(resource);
    this.datastore.apply(resource);
  }

  /** What the datastore has and a daemon lacks, or has and is not up. */
  missing(): readonly string[] {
    return [...this.speakers].flatMap(([number, { peers }]) => {
      const states = new Map(peers.map((peer) => [peer.name, stateName(peer)]));
      const desired = derive(this.resources, `node-${number}`, {}).config?.peers ?? [];
      expect(states.size).toBe(desired.length);
      return desired
        .filter(({ name }) => states.get(name) !== 'Established')
        .map(({ name }) => `node-${number}: ${name} is ${states.get(name) ?? 'not there'}`);
    });
  }
}

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'whoever appears at any moment ends up configured everywhere (seed %i)',
  (seed) => {
    const world = new World(seed);
    for (let number = 1; number <= FIRST; number++) world.start(number);
    for (let number = FIRST + 1; number <= FIRST + LATE; number++) {
      world.atAnyMoment(() => world.apply(node(number)));
      world.atAnyMoment(() => world.start(number));
    }
    world.clock.advance(TURMOIL + LAG + QUIET);
    expect(world.missing()).toEqual([]);
    expect(world.speakers.size).toBe(FIRST + LATE);
  },
);

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'a mesh that becomes clients of a reflector at any moment ends up so everywhere (seed %i)',
  (seed) => {
    const world = new World(seed);
    for (let number = 1; number <= FIRST; number++) world.start(number);
    const reflector = calico('Node', 'node-9', {
      bgp: { ipv4Address: '10.0.0.9/24', routeReflectorClusterID: '244.0.0.9' },
    });
    const labelled = { ...reflector, metadata: { ...reflector.metadata, labels: { rr: 'yes' } } };
    world.atAnyMoment(() => world.start(9));
    world.atAnyMoment(() => world.apply(labelled));
    world.atAnyMoment(() => world.apply(calico('BGPPeer', 'rr', { peerSelector: "rr == 'yes'" })));
    world.atAnyMoment(() =>
      world.apply(calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false })),
    );
    world.clock.advance(TURMOIL + LAG + QUIET);
    expect(world.missing()).toEqual([]);
    expect([...(world.speakers.get(9)?.peers ?? [])]).toHaveLength(FIRST);
  },
);
