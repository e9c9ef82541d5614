import { existsSync } from 'node:fs';
import { established, learned } from '../../checks.ts';
import { BENGAL, socketOf } from '../../products/bengal.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const ASN = { ours: 65001, theirs: 65002 };
const BGPDUMP = '/usr/bin/bgpdump';
const IPV4 = '10.2.0.0/24';
const IPV6 = 'fd02::/64';

const to = (host: Host, asn: number, addPath = false): NeighborConfig => ({
  host,
  asn,
  addPath,
  transport: 'ipv4',
  families: ['ipv4-unicast', 'ipv6-unicast'],
});

/** A subject that has learned of a peer in both families, and its table as a file. */
async function dumped(
  bench: Bench,
  [here, there]: readonly [Host, Host],
  addPath: boolean,
): Promise<string> {
  const subject = bench.subject(here, {
    asn: ASN.ours,
    neighbors: [to(there, ASN.theirs, addPath)],
  });
  if (subject.product !== 'bengal') throw new Error('only bengal writes such a file');
  const peer = bench.peer(there, {
    asn: ASN.theirs,
    networks: [IPV6],
    announcements: [{ prefix: IPV4, communities: ['65002:1'], med: 7 }],
    neighbors: [to(here, ASN.ours, addPath)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await learned(subject, [IPV4, IPV6]);
  const file = `${here.folder}/table.mrt`;
  await here.run([...BENGAL, 'mrt', 'dump', file, '--socket', socketOf(here)]);
  return file;
}

/** Another program reads the table as RFC 6396 has it, or RFC 8050. */
async function read(bench: Bench, addPath: boolean): Promise<void> {
  const [here, there] = pair(bench);
  const file = await dumped(bench, [here, there], addPath);
  const blocks = await here.run([BGPDUMP, file]);
  const subtype = `TABLE_DUMP_V2/IPV4_UNICAST${addPath ? '_ADDPATH' : ''}\n`;
  if (!blocks.includes(subtype)) throw new Error(`bgpdump finds no ${subtype}${blocks}`);
  const text = await here.run([BGPDUMP, '-m', file]);
  const rows = text.split('\n').map((line) => line.split('|'));
  // A path identifier stands behind the prefix.
  const columns = addPath ? rows.map((each) => each.toSpliced(6, 1)) : rows;
  const row = (prefix: string): string => {
    const [, , , peer, asn, , path, , nextHop, , med, communities] =
      columns.find((each) => each[5] === prefix) ?? [];
    return [peer, asn, path, nextHop, med, communities].join(' ');
  };
  const expected = {
    [IPV4]: `${there.ipv4} ${ASN.theirs} ${ASN.theirs} ${there.ipv4} 7 65002:1`,
    [IPV6]: `${there.ipv4} ${ASN.theirs} ${ASN.theirs} ${there.ipv6} 0 `,
  };
  for (const [prefix, wanted] of Object.entries(expected)) {
    if (row(prefix) !== wanted)
      throw new Error(`bgpdump says of ${prefix}: "${row(prefix)}"\n${text}`);
  }
}

/** The table that was written is announced to another peer, with another AS in front. */
async function replayed(bench: Bench): Promise<void> {
  const [here, there, target] = trio(bench);
  const file = await dumped(bench, [here, there], false);
  const receiver = bench.peer(target, {
    asn: 65004,
    neighbors: [{ ...to(here, 65003), passive: true }],
  });
  await receiver.start();
  const own = ['--asn', '65003', '--peer-asn', '65004', '--router-id', here.ipv4];
  here.start('replay', [...BENGAL, 'mrt', 'replay', file, '--to', target.ipv4, ...own]);
  await learned(receiver, [IPV4], { asPath: '65003 65002', communities: ['65002:1'] });
  await learned(receiver, [IPV6], { asPath: '65003 65002' });
}

function needBgpdump(): void {
  if (!existsSync(BGPDUMP)) throw new Error('missing: apt-get install bgpdump');
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'mrt-dump',
    title: 'bgpdump reads the table that the subject wrote (RFC 6396)',
    hosts: ['subject', 'peer'],
    need: needBgpdump,
    run: (bench) => read(bench, false),
  },
  {
    name: 'mrt-dump-add-path',
    title: 'bgpdump reads a table with path identifiers (RFC 8050)',
    hosts: ['subject', 'peer'],
    need: needBgpdump,
    run: (bench) => read(bench, true),
  },
  {
    name: 'mrt-replay',
    title: 'the table that the subject wrote is announced to a peer (RFC 6396)',
    hosts: ['subject', 'peer', 'target'],
    run: replayed,
  },
];
