import { birdFolder } from '../../calico/bird-1-6.ts';
import {
  down,
  established,
  forgotten,
  learned,
  missingFromFib,
  programmed,
  unprogrammed,
} from '../../checks.ts';
import { absent, eventually, Missing, now } from '../../eventually.ts';
import { FibWatch } from '../../fib-watch.ts';
import { converged, type Mesh, makeMesh, type Running } from '../../mesh/mesh.ts';
import type { MeshSpeaker } from '../../mesh/mesh-speaker.ts';
import { ASN, renumbered, SERVICES, sessionsOf } from '../../mesh/world.ts';
import type { Host } from '../../runner.ts';
import type { Bench, Scenario } from '../../scenario.ts';
import { isIpv6, type NeighborConfig, type Witness } from '../../speaker.ts';

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast'] as const;
const NODES = ['node8', 'node9', 'node10', 'node11'];
const RACK_ASN = 65000;
const DEFAULT_ROUTES = ['0.0.0.0/0', '::/0'];

const startAll = ({ running, world }: Mesh): Promise<unknown> =>
  Promise.all(running.map(({ node }) => node.start(world)));

function memberOf({ running }: Mesh, name: string): Running {
  const found = running.find(({ host }) => host.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** The mesh when the datastore has no more these blocks of a node. */
function without({ running, world }: Mesh, name: string, lost: readonly string[]): Mesh {
  const left = running.map((at) =>
    at.host.name === name
      ? { ...at, blocks: at.blocks.filter((block) => !lost.includes(block)) }
      : at,
  );
  return { running: left, world: { ...world, nodes: left } };
}

/** Half of the nodes are BIRD, half bengal: nobody can tell which. */
async function together(bench: Bench): Promise<void> {
  const mesh = await makeMesh(bench.hosts, bench.product);
  await startAll(mesh);
  await converged(mesh);
  for (const running of mesh.running) {
    await dialledByRule(mesh, running);
    await addPathBothWays(mesh, running);
  }
}

/** The greater address as text has dialled: it is not the end with port 179. */
async function dialledByRule({ world }: Mesh, running: Running): Promise<void> {
  const { host } = running;
  const sockets = await host.run(['ss', '-Htn', 'state', 'established']);
  const ends = sockets.split('\n').map((line) => line.trim().split(/\s+/).slice(-2));
  for (const family of FAMILIES) {
    for (const { passive, local, remote, name } of sessionsOf(world, running, family)) {
      const own = family === 'ipv4-unicast' ? `${local}:179` : `[${local}]:179`;
      const far = family === 'ipv4-unicast' ? `${remote}:` : `[${remote}]:`;
      const was = ends.some(([here, there]) => here === own && there?.startsWith(far));
      if (was !== passive)
        throw new Missing(`${name} on ${host.name} was ${was ? '' : 'not '}dialled by ${remote}`);
    }
  }
}

async function addPathBothWays({ world }: Mesh, running: Running): Promise<void> {
  const { node, host } = running;
  const capabilities = await node.capabilities();
  for (const { name } of FAMILIES.flatMap((family) => sessionsOf(world, running, family))) {
    const said = capabilities.get(name) ?? 'nothing';
    if (!/add-path-rx add-path-tx|add-path \(.*mode 3/.test(said))
      throw new Missing(`${node.product} on ${host.name} has no add-path with ${name}: ${said}`);
  }
}

/** Nodes of either kind die and come back, one after another, and no FIB loses a route. */
async function survive(bench: Bench): Promise<void> {
  let mesh = await makeMesh(bench.hosts, bench.product);
  await startAll(mesh);
  await converged(mesh);
  mesh = await comeBack(mesh, 'node9', 'SIGKILL');
  mesh = await comeBack(mesh, 'node10', 'SIGKILL');
  await comeBack(mesh, 'node8', 'SIGTERM');
}

/** Ends a node, starts it without its last block, and looks for what nobody may notice. */
async function comeBack(whole: Mesh, name: string, signal: NodeJS.Signals): Promise<Mesh> {
  const victim = memberOf(whole, name);
  const others = whole.running.filter(({ host }) => host !== victim.host);
  const watches = whole.running.map((at) => ({
    ...at,
    watch: new FibWatch(at.host, `fib-${name}-${signal}`),
  }));
  await victim.node.stop(signal);
  for (const { node, host, blocks } of others) {
    await down(node, victim.host, 10);
    await now(`${host.name} keeps its FIB`, () => missingFromFib(host, victim.blocks, victim.host));
    await now(`${name} keeps its FIB`, () => missingFromFib(victim.host, blocks, host));
  }
  const lost = victim.blocks.slice(-1);
  const mesh = without(whole, name, lost);
  await victim.node.start(mesh.world);
  await converged(mesh);
  for (const { node, host } of others) {
    await forgotten(node, lost);
    await unprogrammed(host, lost);
    await saidToBeRestarting(node, victim.host);
  }
  const kept = mesh.running.flatMap(({ blocks }) => blocks);
  for (const { host, watch } of watches) {
    const removed = watch.removed(kept);
    if (removed.length > 0) throw new Missing(`FIB of ${host.name} lost ${removed.join(', ')}`);
  }
  return mesh;
}

/** RFC 4724 §3: the Restart State bit and the Forwarding State bit, as a bengal tells of its peer. */
async function saidToBeRestarting(node: MeshSpeaker, host: Host): Promise<void> {
  if (node.product !== 'bengal') return;
  const capabilities = await node.capabilities();
  const said = capabilities.get(`Mesh_${host.ipv4.replaceAll('.', '_')}`) ?? 'nothing';
  if (!/restarting true.*forwarding true/.test(said))
    throw new Missing(`${host.name} came back without the R and the F bit: ${said}`);
}

/** Every node has a session with a router of another AS, which wants to know the way to everything. */
async function withRack(bench: Bench): Promise<void> {
  const [first, ...others] = bench.hosts;
  if (first === undefined) throw new Error('the scenario names too few hosts');
  const host = await renumbered(first, 1);
  const mesh = await makeMesh(others, bench.product, { host, asn: RACK_ASN });
  const to = (node: Host, transport: 'ipv4' | 'ipv6'): NeighborConfig => ({
    host: node,
    asn: ASN,
    transport,
    families: [`${transport}-unicast`],
  });
  const rack = bench.peer(host, {
    asn: RACK_ASN,
    networks: DEFAULT_ROUTES,
    neighbors: mesh.running.flatMap((at) => [to(at.host, 'ipv4'), to(at.host, 'ipv6')]),
  });
  await Promise.all([rack.start(), startAll(mesh)]);
  await converged(mesh);
  await established(rack);
  for (const { blocks, host: node } of mesh.running) await ledTo(rack, blocks, node);
  await learned(rack, SERVICES, { asPath: `${ASN}` });
  for (const { node, host: at } of mesh.running) {
    await learned(node, DEFAULT_ROUTES, { asPath: `${RACK_ASN}` });
    await programmed(at, DEFAULT_ROUTES, host);
  }
  for (const running of mesh.running) await unprogrammed(running.host, SERVICES);
}

/** Waits until one of the paths of each prefix leads to `host`; others may lead there by the mesh. */
function ledTo(speaker: Witness, prefixes: readonly string[], host: Host): Promise<void> {
  return eventually(`${speaker.product} on ${speaker.host.name}`, 20, async () => {
    const tables = await Promise.all(FAMILIES.map((family) => speaker.routes(family)));
    const ways = new Set(tables.flat().map(({ prefix, nextHop }) => `${prefix} via ${nextHop}`));
    const wanted = prefixes.map(
      (prefix) => `${prefix} via ${isIpv6(prefix) ? host.ipv6 : host.ipv4}`,
    );
    return absent(wanted, ways);
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'mixed-mesh',
    title: 'a mesh of BIRD 1.6 with Calico’s configuration and bengal with its resources',
    peers: ['bird'],
    hosts: NODES,
    need: birdFolder,
    run: together,
  },
  {
    name: 'mixed-mesh-restart',
    title: 'nodes of either kind die and come back in that mesh: no FIB loses a route',
    peers: ['bird'],
    hosts: NODES,
    need: birdFolder,
    run: survive,
  },
  {
    name: 'mixed-mesh-rack',
    title:
      'the peer as router of another AS above that mesh: blocks and services up, default route down',
    hosts: ['rack', ...NODES],
    need: birdFolder,
    run: withRack,
  },
];
