import { established } from '../checks.ts';
import { absent, eventually } from '../eventually.ts';
import type { Host } from '../runner.ts';
import { isIpv6, type Product } from '../speaker.ts';
import { MeshBengal } from './mesh-bengal.ts';
import { MeshBird } from './mesh-bird.ts';
import type { MeshSpeaker } from './mesh-speaker.ts';
import { type MeshNode, type MeshWorld, renumbered } from './world.ts';

/** Of a route with the normal metric. */
const LOCAL_PREF = 2147483647 - 1024;
const FAMILIES = ['ipv4-unicast', 'ipv6-unicast'] as const;

/** A node that runs, and what the datastore says of it. */
export interface Running extends MeshNode {
  readonly node: MeshSpeaker;
}

export interface Mesh {
  readonly world: MeshWorld;
  readonly running: readonly Running[];
}

/**
 * A cluster on `hosts`, which get the numbers from 8 on, so that 10 and 11 are less than 8 and 9 as
 * text: the subject and BIRD 1.6 in turn.
 */
export async function makeMesh(
  hosts: readonly Host[],
  subject: Product,
  rack?: MeshWorld['rack'],
): Promise<Mesh> {
  const running: Running[] = [];
  for (const [index, at] of hosts.entries()) {
    const number = index + 8;
    const host = await renumbered(at, number);
    const blocks = [`10.244.${number}.0/26`, `fd44::${number}00/122`, `10.244.${number}.64/26`];
    const node =
      index % 2 === 0 && subject === 'bengal' ? new MeshBengal(host) : new MeshBird(host);
    running.push({ host, blocks, node });
  }
  return { running, world: { nodes: running, ...(rack === undefined ? {} : { rack }) } };
}

/** Every node knows and programs every block of every other. */
export async function converged({ running }: Mesh): Promise<void> {
  await established(...running.map(({ node }) => node));
  for (const { node, host } of running) {
    const others = running.filter((at) => at.host !== host);
    await eventually(`${node.product} on ${host.name}`, 20, () => unknown(node, others));
    await eventually(`FIB of ${host.name}`, 20, () => unprogrammed(host, others));
  }
}

async function unknown(node: MeshSpeaker, others: readonly Running[]): Promise<string | undefined> {
  const tables = await Promise.all(FAMILIES.map((family) => node.routes(family)));
  const best = tables.flat().filter((route) => route.best);
  const text = (prefix: string, nextHop: string, localPref: number | undefined): string =>
    `${prefix} via ${nextHop} with LOCAL_PREF ${localPref}`;
  const has = best.map(({ prefix, nextHop, localPref }) => text(prefix, nextHop, localPref));
  return absent(
    ways(others).map(([prefix, gateway]) => text(prefix, gateway, LOCAL_PREF)),
    new Set(has),
  );
}

/** BIRD's protocol number and the metric behind the LOCAL_PREF, as other programs of Calico expect. */
async function unprogrammed(host: Host, others: readonly Running[]): Promise<string | undefined> {
  const texts: string[] = [];
  for (const version of ['-4', '-6'])
    texts.push(await host.run(['ip', '-o', version, 'route', 'show', 'proto', 'bird']));
  const lines = texts.flatMap((text) => text.split('\n'));
  const isThere = ([prefix, gateway]: readonly [string, string]): boolean =>
    lines.some(
      (line) => line.startsWith(`${prefix} via ${gateway} `) && / metric 1024\b/.test(line),
    );
  const gone = ways(others).filter((way) => !isThere(way));
  if (gone.length === 0) return undefined;
  return `${gone.map((way) => way.join(' via ')).join(', ')} not with proto bird, metric 1024`;
}

/** Each block of the nodes, and the address that leads to it. */
const ways = (nodes: readonly Running[]): readonly (readonly [string, string])[] =>
  nodes.flatMap(({ blocks, host }) =>
    blocks.map((block) => [block, isIpv6(block) ? host.ipv6 : host.ipv4] as const),
  );
