import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { SpeakerConfig } from '../../speaker.ts';
import { type Case, malformedCases } from './cases.ts';
import { EXPLAINED } from './explained.ts';
import { probe } from './probe.ts';

const OWN_ASN = 65000;

/**
 * Every case is a neighbour of its own, at an address of its own, of both the subject and the peer:
 * all of them send their bytes at once. The subject and the peer must do the same to the session,
 * unless the difference is explained.
 */
async function run(bench: Bench): Promise<void> {
  const [here, there, prober] = trio(bench);
  const cases = malformedCases().map((one, index) => ({ one, host: caller(prober, index) }));
  for (const { host } of cases) {
    await prober.run(['/sbin/ip', 'address', 'add', `${host.ipv4}/24`, 'dev', 'eth0']);
  }
  const config: SpeakerConfig = {
    asn: OWN_ASN,
    neighbors: cases.map(({ one, host }) => ({
      host,
      asn: one.context.peerAs,
      transport: 'ipv4',
      families: ['ipv4-unicast', 'ipv6-unicast'],
      passive: true,
    })),
  };
  const peer = bench.peer(there, config);
  await Promise.all([bench.subject(here, config).start(), peer.start()]);
  const { namespace } = prober;
  const reactionOf = (to: Host, host: Host, one: Case): Promise<string> =>
    probe({ namespace, from: host.ipv4, to: to.ipv4 }, one);
  const reactions = await Promise.all(
    cases.map(async ({ one, host }) => ({
      id: one.id,
      ours: await reactionOf(here, host, one),
      theirs: await reactionOf(there, host, one),
    })),
  );
  const different = reactions.filter(({ ours, theirs }) => ours !== theirs);
  const explained = EXPLAINED[peer.product] ?? [];
  const unexplained = different.filter(({ id }) => !explained.some(([ids]) => ids.test(id)));
  if (unexplained.length > 0) {
    const lines = unexplained.map(({ id, ours, theirs }) => `${id}: ${ours}, theirs ${theirs}`);
    throw new Error(`differences without a reason:\n${lines.join('\n')}`);
  }
  bench.remark(`${cases.length} messages, ${different.length} explained differences`);
}

/** A neighbour within the prober. */
const caller = (prober: Host, index: number): Host => ({
  ...prober,
  name: `case${index}`,
  ipv4: `10.77.0.${index + 10}`,
});

export const scenarios: readonly Scenario[] = [
  {
    name: 'malformed',
    title: 'malformed messages do to a session what they do to another speaker’s',
    peers: ['frr', 'bird'],
    hosts: ['subject', 'peer', 'prober'],
    run,
  },
];
