import { established } from '../../checks.ts';
import { absent, eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const ASN = 64512;
const PREFIX = '10.5.0.0/24';

const to = (host: Host): NeighborConfig => ({
  host,
  asn: ASN,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
  addPath: true,
});

type Make = Bench['subject'];

const source = (make: Make, host: Host, reflector: Host, networks: readonly string[]): Speaker =>
  make(host, { asn: ASN, networks, neighbors: [to(reflector)] });

const reflector = (make: Make, host: Host, clients: readonly Host[]): Speaker =>
  make(host, {
    asn: ASN,
    clusterId: '244.0.0.1',
    neighbors: clients.map((at) => ({ ...to(at), reflectorClient: true })),
  });

/** Two clients announce one prefix; the third is told both ways, by path id (RFC 7911). */
async function run(bench: Bench, role: 'reflector' | 'client'): Promise<void> {
  const [here, first, second] = trio(bench);
  const third = bench.hosts[3] ?? second;
  const [middle, receiver] = role === 'reflector' ? [here, third] : [third, here];
  const sources = [first, second];
  const centre = reflector(role === 'reflector' ? bench.subject : bench.peer, middle, [
    ...sources,
    receiver,
  ]);
  const sink = source(role === 'reflector' ? bench.peer : bench.subject, receiver, middle, []);
  const announcers = sources.map((at) => source(bench.peer, at, middle, [PREFIX]));
  await Promise.all([centre, sink, ...announcers].map((speaker) => speaker.start()));
  await established(centre, sink);
  await seesPaths(sink, sources);
  await announcers[0]?.kill();
  await seesPaths(sink, sources.slice(1));
}

async function seesPaths(sink: Speaker, from: readonly Host[]): Promise<void> {
  await eventually(
    `${sink.product} on ${sink.host.name} sees ${from.length} paths`,
    20,
    async () => {
      const routes = (await sink.routes('ipv4-unicast')).filter(({ prefix }) => prefix === PREFIX);
      const hops = new Set(routes.map(({ nextHop }) => nextHop));
      if (routes.length > from.length) return `has ${routes.length}: ${[...hops].join(', ')}`;
      return absent(
        from.map(({ ipv4 }) => ipv4),
        hops,
      );
    },
  );
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'add-path-send',
    title: 'the subject reflects every path of a prefix',
    hosts: ['subject', 'first', 'second', 'third'],
    run: (bench) => run(bench, 'reflector'),
  },
  {
    name: 'add-path-receive',
    title: 'the subject is sent every path of a prefix',
    hosts: ['subject', 'first', 'second', 'third'],
    run: (bench) => run(bench, 'client'),
  },
];
