import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { LightClient } from '../../test/simulation/light-client.ts';
import { announcement, clientAddress, clientId, reflectorAt } from '../../test/simulation/star.ts';
import { megabytes } from '../figures.ts';
import type { Figures, Row, Scenario } from '../scenario.ts';

const GROWTH = [500, 1000, 2000, 5000];
const SECOND = 1000;
/** Nodes that restart in a second of the rolling restart, and restarts measured. */
const RESTARTS_A_SECOND = 10;
const RESTARTS = 100;
const CHANGES_A_SECOND = 100;
const CHURN = 5;
const REFLECTOR = '10.0.0.1';

interface World {
  readonly clock: VirtualClock;
  readonly reflector: Speaker;
  readonly clients: readonly LightClient[];
}

/**
 * One of the two reflectors of a cluster: both do the same work, each for every node. CPU includes
 * the clients' and the network's, which run in the same process.
 */
function worldOf(nodes: number): World {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock });
  const reflector = reflectorAt(network, clock, REFLECTOR, nodes);
  const clients = Array.from({ length: nodes }, (_, number) => {
    const routes = [announcement(number, number)];
    const shared = { address: clientAddress(number), reflector: REFLECTOR, routes };
    return new LightClient(network, { ...shared, routerId: clientId(number) });
  });
  return { clock, reflector, clients };
}

function phase({ clients }: World, what: string, size: number, work: () => void): Row {
  const octets = (): number => clients.reduce((sum, client) => sum + client.octets, 0);
  const before = octets();
  const cpu = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(cpu);
  const figures: Figures = {
    'CPU s': (user + system) / 1e6,
    'MB sent': megabytes(octets() - before),
    'process MB': megabytes(process.memoryUsage.rss()),
  };
  console.error(size, what, figures);
  return { what, target: 'bengal', size, figures };
}

function measure(nodes: number): readonly Row[] {
  const world = worldOf(nodes);
  const { clock, reflector, clients } = world;
  const start = phase(world, 'cold start', nodes, () => {
    for (const client of clients) client.start();
    clock.advance(10 * SECOND);
  });
  expectWhole(reflector, nodes);
  const restart = phase(world, `rolling restart of ${RESTARTS}`, nodes, () => {
    for (let at = 0; at < RESTARTS; at += RESTARTS_A_SECOND) {
      const restarted = clients.slice(at, at + RESTARTS_A_SECOND);
      for (const client of restarted) client.stop();
      clock.advance(SECOND / 2);
      for (const client of restarted) client.start();
      clock.advance(SECOND / 2);
    }
    clock.advance(10 * SECOND);
  });
  expectWhole(reflector, nodes);
  const churn = phase(world, `${CHURN} s of ${CHANGES_A_SECOND} changes a second`, nodes, () => {
    for (let change = 0; change < CHURN * CHANGES_A_SECOND; change++) {
      const client = change % nodes;
      clients[client]?.send(announcement(client, nodes + change));
      clock.advance(SECOND / CHANGES_A_SECOND);
    }
    clock.advance(SECOND);
  });
  return [start, restart, churn];
}

function expectWhole({ rib }: Speaker, nodes: number): void {
  const sent = rib?.census['ipv4-unicast sent'];
  if (sent !== nodes) throw new Error(`${sent} of ${nodes} routes were sent`);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'scale',
    about:
      'One of two reflectors of a cluster, its nodes as light clients, in one process and in virtual time',
    needsRoot: false,
    growth: { size: 'nodes', figures: ['CPU s'] },
    run: async () => GROWTH.flatMap(measure),
  },
];
