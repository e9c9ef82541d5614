import { established, learned, programmed } from '../checks.ts';
import { eventually } from '../eventually.ts';
import type { Host } from '../runner.ts';
import type { Product } from '../speaker.ts';
import { MeshBengal } from './mesh-bengal.ts';
import { MeshBird } from './mesh-bird.ts';
import type { MeshSpeaker } from './mesh-speaker.ts';
import { type MeshNode, type MeshWorld, ofFamily, renumbered } from './world.ts';

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
    for (const other of running.filter((at) => at.host !== host)) {
      for (const family of FAMILIES) {
        const blocks = ofFamily(other.blocks, family);
        const nextHop = family === 'ipv4-unicast' ? other.host.ipv4 : other.host.ipv6;
        await learned(node, blocks, { nextHop, localPref: LOCAL_PREF });
      }
      await programmed(host, other.blocks, other.host);
      await asCalicoPrograms(host, other.blocks);
    }
  }
}

/** BIRD's protocol number and the metric behind the LOCAL_PREF, as other programs of Calico expect. */
function asCalicoPrograms(host: Host, prefixes: readonly string[]): Promise<void> {
  return eventually(`FIB of ${host.name} as Calico's`, 20, async () => {
    const texts = [];
    for (const version of ['-4', '-6'])
      texts.push(await host.run(['ip', '-o', version, 'route', 'show', 'proto', 'bird']));
    const lines = texts.join('\n').split('\n');
    const odd = prefixes.filter(
      (prefix) =>
        !lines.some((line) => line.startsWith(`${prefix} `) && line.includes('metric 1024')),
    );
    return odd.length === 0 ? undefined : `${odd.join(', ')} not with proto bird, metric 1024`;
  });
}
