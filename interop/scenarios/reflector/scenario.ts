import { established, forgotten, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const ASN = 64512;
const CLUSTER = '244.0.0.1';

const to = (host: Host): NeighborConfig => ({
  host,
  asn: ASN,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

type Make = Bench['subject'];

const client = (make: Make, host: Host, reflector: Host, networks: readonly string[]): Speaker =>
  make(host, { asn: ASN, networks, neighbors: [to(reflector)] });

const reflector = (make: Make, host: Host, clients: readonly Host[]): Speaker =>
  make(host, {
    asn: ASN,
    clusterId: CLUSTER,
    neighbors: clients.map((at) => ({ ...to(at), reflectorClient: true })),
  });

/** A client's route reaches the other client with its next hop, originator and cluster (RFC 4456). */
async function reflected(receiver: Speaker, prefix: string, origin: Host): Promise<void> {
  const marks = { nextHop: origin.ipv4, originatorId: origin.ipv4, clusterList: [CLUSTER] };
  await learned(receiver, [prefix], marks);
}

async function asReflector(bench: Bench): Promise<void> {
  const [here, first, second] = trio(bench);
  const speakers = [
    reflector(bench.subject, here, [first, second]),
    client(bench.peer, first, here, ['10.2.0.0/24']),
    client(bench.peer, second, here, ['10.3.0.0/24']),
  ] as const;
  await Promise.all(speakers.map((speaker) => speaker.start()));
  await established(...speakers);
  await reflected(speakers[1], '10.3.0.0/24', second);
  await reflected(speakers[2], '10.2.0.0/24', first);
  await speakers[1].kill();
  await forgotten(speakers[2], ['10.2.0.0/24']);
}

async function asClient(bench: Bench): Promise<void> {
  const [here, middle, other] = trio(bench);
  const speakers = [
    client(bench.subject, here, middle, ['10.1.0.0/24']),
    reflector(bench.peer, middle, [here, other]),
    client(bench.peer, other, middle, ['10.3.0.0/24']),
  ] as const;
  await Promise.all(speakers.map((speaker) => speaker.start()));
  await established(...speakers);
  await reflected(speakers[0], '10.3.0.0/24', other);
  await reflected(speakers[2], '10.1.0.0/24', here);
  await speakers[2].kill();
  await forgotten(speakers[0], ['10.3.0.0/24']);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'reflector',
    title: 'the subject reflects routes between two clients',
    hosts: ['subject', 'first', 'second'],
    run: asReflector,
  },
  {
    name: 'reflector-client',
    title: 'the subject is a client of a reflector',
    hosts: ['subject', 'middle', 'other'],
    run: asClient,
  },
];
