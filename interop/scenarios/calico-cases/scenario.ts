import { type CalicoCase, calicoCases } from '../../../test/confd/calico-cases.ts';
import { BengalNode } from '../../calico/bengal-node.ts';
import { birdFolder, CalicoBird } from '../../calico/bird-1-6.ts';
import { type Agreement, compare } from '../../calico/compare.ts';
import { type Subject, worldOf } from '../../calico/world.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pairOf, type Scenario } from '../../scenario.ts';

const HOSTS = ['node', 'peers'];

/**
 * BIRD 1.6 with the configuration that Calico's confd renders, and the subject with the resources
 * that it is rendered of, each in a network of its own with the same interfaces, kernel routes and
 * peers that tell the same: whatever can be seen of them is the same.
 */
async function run(found: CalicoCase, bench: Bench): Promise<void> {
  const theirs = pairOf(await bench.lan(HOSTS));
  const ours = pairOf(await bench.lan(HOSTS));
  const [bird, subject] = await Promise.all([
    worldOf(theirs, found, new CalicoBird(theirs[0], found)),
    worldOf(ours, found, subjectOn(ours[0], found, bench)),
  ]);
  try {
    bench.remark(describe(await compare(bird, subject)));
  } finally {
    for (const peer of [...bird.peers, ...subject.peers]) peer.close();
  }
}

function subjectOn(host: Host, found: CalicoCase, { product }: Bench): Subject {
  if (product === 'frr') throw new Error('FRR knows neither Calico nor a configuration of BIRD');
  return product === 'bird' ? new CalicoBird(host, found) : new BengalNode(host, found);
}

function describe({ same, deviations }: Agreement): string {
  const meant = [...deviations].map(([name, count]) => `, ${count} × ${name}`);
  return `${same} things the same${meant.join('')}`;
}

export const scenarios: readonly Scenario[] = calicoCases().map((found) => ({
  name: `calico/${found.name}`,
  title: 'does all that BIRD 1.6 does with the configuration of Calico',
  peers: ['bird'],
  hosts: [],
  waits: true,
  need: birdFolder,
  run: (bench) => run(found, bench),
}));
