import { established, forgotten, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const SERVER = 65001;
const FIRST = { asn: 65002, network: '10.2.0.0/24', med: 20 };
const SECOND = { asn: 65003, network: '10.3.0.0/24', med: 30 };
type Member = typeof FIRST;

type Make = Bench['subject'];

const to = (host: Host, asn: number, is: NeighborConfig['routeServer']): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
  ...(is && { routeServer: is }),
});

const client = (make: Make, host: Host, server: Host, { asn, network, med }: Member): Speaker =>
  make(host, {
    asn,
    announcements: [{ prefix: network, med }],
    neighbors: [to(server, SERVER, 'server')],
  });

const server = (make: Make, host: Host, [first, second]: readonly [Host, Host]): Speaker =>
  make(host, {
    asn: SERVER,
    neighbors: [to(first, FIRST.asn, 'client'), to(second, SECOND.asn, 'client')],
  });

/** Clients see each other's routes as if no server were between them (RFC 7947 §2.2). */
async function served(
  speakers: readonly [Speaker, Speaker, Speaker],
  [first, second]: readonly [Host, Host],
): Promise<void> {
  const [, one, other] = speakers;
  await Promise.all(speakers.map((speaker) => speaker.start()));
  await established(...speakers);
  const unchanged = ({ asn, med }: Member, { ipv4 }: Host) => ({
    asPath: `${asn}`,
    nextHop: ipv4,
    med,
  });
  await learned(other, [FIRST.network], unchanged(FIRST, first));
  await learned(one, [SECOND.network], unchanged(SECOND, second));
  await other.kill();
  await forgotten(one, [SECOND.network]);
}

async function asServer(bench: Bench): Promise<void> {
  const [here, first, second] = trio(bench);
  const speakers = [
    server(bench.subject, here, [first, second]),
    client(bench.peer, first, here, FIRST),
    client(bench.peer, second, here, SECOND),
  ] as const;
  await served(speakers, [first, second]);
}

async function asClient(bench: Bench): Promise<void> {
  const [here, middle, other] = trio(bench);
  const speakers = [
    server(bench.peer, middle, [here, other]),
    client(bench.subject, here, middle, FIRST),
    client(bench.peer, other, middle, SECOND),
  ] as const;
  await served(speakers, [here, other]);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'route-server',
    title: 'the subject is the route server of two clients (RFC 7947)',
    hosts: ['subject', 'first', 'second'],
    run: asServer,
  },
  {
    name: 'route-server-client',
    title: 'the subject is a client of a route server (RFC 7947)',
    hosts: ['subject', 'middle', 'other'],
    run: asClient,
  },
];
