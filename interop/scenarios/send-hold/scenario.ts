import { setTimeout as delay } from 'node:timers/promises';
import { down, established, learned, shows } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

/** Seconds; the peer's keepalives come every four. */
const HOLD_TIME = 12;
const SEND_HOLD_TIME = 13;
/** Soon the peer's own hold timer would end the session. */
const FREEZE_AFTER = 9;

/** In octets more than the kernel takes for a peer that takes none. */
const ROUTES = Array.from({ length: 8192 }, (_, at) => `20.0.${at >> 8}.${at & 255}/32`);
const SEND_BUFFER = 'echo 4096 16384 16384 >/proc/sys/net/ipv4/tcp_wmem';

/**
 * Full frames to the peer are lost, so that it takes nothing more, while its keepalives still come:
 * the send hold timer alone can tell. The peer is frozen before its own hold timer ends the session,
 * and too late for the subject's.
 */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    holdTime: HOLD_TIME,
  });
  const [toPeer, toSubject] = [
    { ...to(there, 65002), sendHoldTime: SEND_HOLD_TIME },
    to(here, 65001),
  ];
  await here.run(['/bin/sh', '-c', SEND_BUFFER]);
  // Segments that travel as one pass whatever their length.
  await here.run(['ip', 'link', 'set', 'eth0', 'gso_max_segs', '1']);
  const subject = bench.subject(here, { asn: 65001, networks: ROUTES, neighbors: [toPeer] });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: ['10.2.0.0/24'],
    neighbors: [toSubject],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await learned(peer, ROUTES);
  await longestFrame(there, 1280);
  const freeze = delay(FREEZE_AFTER * 1000);
  await subject.refresh(toPeer, 'out');
  await freeze;
  await peer.freeze();
  await established(subject);
  await down(subject, there, 10);
  await shows(subject, toPeer, 'send-hold-expired');
  await longestFrame(there, 1500);
  await peer.thaw();
  await established(subject, peer);
  await learned(peer, ROUTES);
  await learned(subject, ['10.2.0.0/24']);
}

/** What is longer is lost on its way to `host`. */
async function longestFrame(host: Host, octets: number): Promise<void> {
  await host.run(['ip', 'link', 'set', 'eth0', 'mtu', String(octets)]);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'send-hold',
    title:
      'a peer that takes nothing more is given up, and gets everything when it is back (RFC 9687)',
    hosts: ['subject', 'peer'],
    waits: true,
    run,
  },
];
