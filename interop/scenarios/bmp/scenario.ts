import { existsSync } from 'node:fs';
import { established } from '../../checks.ts';
import { absent, answers, eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const ASN = { ours: 65001, theirs: 65002 };
const PMBMPD = '/usr/sbin/pmbmpd';
const MESSAGES = 'bmp.json';

const to = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/** pmacct's collector is told of a session, of both its Adj-RIBs before and after policy, and of Loc-RIB. */
async function run(bench: Bench): Promise<void> {
  const [here, there, far] = trio(bench);
  if (bench.product !== 'bengal') throw new Error('only bengal is told of a collector');
  await startCollector(far);
  const subject = bench.subject(here, {
    asn: ASN.ours,
    collector: far,
    networks: ['10.1.0.0/24'],
    neighbors: [to(there, ASN.theirs)],
  });
  const peer = bench.peer(there, {
    asn: ASN.theirs,
    announcements: [{ prefix: '10.2.0.0/24', communities: ['65002:1'], med: 7 }],
    neighbors: [to(here, ASN.ours)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  const theirs = `10.2.0.0/24 via ${there.ipv4} path "65002" med 7 communities 65002:1`;
  await told(far, [
    `peer_up ${there.ipv4} AS ${ASN.theirs}`,
    `Adj-RIB-In update ${theirs}`,
    `Adj-RIB-In after policy update ${theirs}`,
    `Loc-RIB update ${theirs}`,
    'Adj-RIB-Out update 10.1.0.0/24 via 0.0.0.0 path ""',
    `Adj-RIB-Out after policy update 10.1.0.0/24 via ${here.ipv4} path "65001"`,
  ]);
  await peer.kill();
  await told(far, [`peer_down ${there.ipv4} AS ${ASN.theirs}`, 'Loc-RIB withdraw 10.2.0.0/24']);
}

async function startCollector(host: Host): Promise<void> {
  const config = host.write(
    'pmbmpd.conf',
    [
      `bmp_daemon_ip: ${host.ipv4}`,
      'bmp_daemon_port: 1790',
      `bmp_daemon_msglog_file: ${host.folder}/${MESSAGES}`,
      '',
    ].join('\n'),
  );
  const daemon = host.start('pmbmpd', [PMBMPD, '-f', config]);
  await answers(daemon, async () => {
    if (!daemon.output().includes('waiting for BMP data')) throw new Error('it does not listen');
  });
}

/** A line of pmacct's log of BMP messages, as far as it is read here. */
interface Message {
  readonly bmp_msg_type?: string;
  readonly peer_ip?: string;
  readonly peer_asn?: number;
  readonly log_type?: string;
  readonly is_loc?: 1;
  readonly is_in?: 1;
  readonly is_post?: 0 | 1;
  readonly ip_prefix?: string;
  readonly bgp_nexthop?: string;
  readonly as_path?: string;
  readonly med?: number;
  readonly comms?: string;
}

const told = (host: Host, expected: readonly string[]): Promise<void> =>
  eventually('the collector is told', 20, async () => {
    const lines = host.read(MESSAGES)?.split('\n').slice(0, -1) ?? [];
    const words = lines.map((line) => describe(JSON.parse(line) as Message));
    const missing = absent(expected, new Set(words));
    return missing && `${missing}; it has ${words.join('; ')}`;
  });

function describe(message: Message): string {
  const { bmp_msg_type: type, log_type: change, ip_prefix: prefix } = message;
  if (type !== 'route_monitor') return `${type} ${message.peer_ip} AS ${message.peer_asn}`;
  if (change === 'withdraw') return `${table(message)} withdraw ${prefix}`;
  const { bgp_nexthop: nextHop, as_path: path, med, comms } = message;
  return [
    `${table(message)} ${change} ${prefix} via ${nextHop} path "${path}"`,
    ...(med === undefined ? [] : [`med ${med}`]),
    ...(comms === undefined ? [] : [`communities ${comms}`]),
  ].join(' ');
}

function table({ is_loc: isLoc, is_in: isIn, is_post: isPost }: Message): string {
  if (isLoc === 1) return 'Loc-RIB';
  return `Adj-RIB-${isIn === 1 ? 'In' : 'Out'}${isPost === 1 ? ' after policy' : ''}`;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'bmp',
    title: 'pmacct’s collector is told of the session and of every table (RFC 7854, 8671, 9069)',
    hosts: ['subject', 'peer', 'collector'],
    need: () => {
      if (!existsSync(PMBMPD)) throw new Error('missing: apt-get install pmacct');
    },
    run,
  },
];
