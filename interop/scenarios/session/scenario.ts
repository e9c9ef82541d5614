import type { Family } from '../../../src/net/family.ts';
import { established, forgotten, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

type Families = 'ipv4' | 'ipv6' | 'dual';

const FAMILIES: Readonly<Record<Families, readonly Family[]>> = {
  ipv4: ['ipv4-unicast'],
  ipv6: ['ipv6-unicast'],
  dual: ['ipv4-unicast', 'ipv6-unicast'],
};

const NETWORKS: Readonly<
  Record<'subject' | 'peer', Readonly<Record<Families, readonly string[]>>>
> = {
  subject: {
    ipv4: ['10.1.0.0/24', '10.1.1.0/26', '10.1.2.1/32'],
    ipv6: ['fd01:1::/64', 'fd01:2::/122', 'fd01:3::1/128'],
    dual: ['10.1.0.0/24', 'fd01:1::/64'],
  },
  peer: {
    ipv4: ['10.2.0.0/24', '10.2.1.0/26', '10.2.2.1/32'],
    ipv6: ['fd02:1::/64', 'fd02:2::/122', 'fd02:3::1/128'],
    dual: ['10.2.0.0/24', 'fd02:1::/64'],
  },
};

/** Both announce; each learns the other's routes with the right next hop and path; one goes. */
async function run(bench: Bench, kind: 'ebgp' | 'ibgp', families: Families): Promise<void> {
  const [here, there] = pair(bench);
  const asn = { subject: 65001, peer: kind === 'ebgp' ? 65002 : 65001 };
  const to = (host: Host, remote: number): NeighborConfig => ({
    host,
    asn: remote,
    transport: families === 'ipv6' ? 'ipv6' : 'ipv4',
    families: FAMILIES[families],
  });
  const networks = { subject: NETWORKS.subject[families], peer: NETWORKS.peer[families] };
  const subject = bench.subject(here, {
    asn: asn.subject,
    networks: networks.subject,
    neighbors: [to(there, asn.peer)],
  });
  const peer = bench.peer(there, {
    asn: asn.peer,
    networks: networks.peer,
    neighbors: [to(here, asn.subject)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  for (const family of ['ipv4', 'ipv6'] as const) {
    const mine = (prefix: string): boolean => prefix.includes(':') === (family === 'ipv6');
    const path = (remote: number): string => (kind === 'ebgp' ? `${remote}` : '');
    const fromPeer = { nextHop: there[family], asPath: path(asn.peer) };
    await learned(subject, networks.peer.filter(mine), fromPeer);
    const fromSubject = { nextHop: here[family], asPath: path(asn.subject) };
    await learned(peer, networks.subject.filter(mine), fromSubject);
  }
  await peer.kill();
  await forgotten(subject, networks.peer);
}

export const scenarios: readonly Scenario[] = (['ebgp', 'ibgp'] as const).flatMap((kind) =>
  (['ipv4', 'ipv6', 'dual'] as const).map((families) => ({
    name: `${kind}-${families}`,
    title: `${kind === 'ebgp' ? 'eBGP' : 'iBGP'}, ${families === 'dual' ? 'both families on one session' : families}: routes both ways, gone with the session`,
    hosts: ['subject', 'peer'],
    run: (bench: Bench) => run(bench, kind, families),
  })),
);
