import type { Clock } from '../runtime/clock.ts';
import type {
  BfdPeerStatus,
  CapabilityStatus,
  MessageCounts,
  NotificationStatus,
  PeerStatus,
  PeerTimers,
  UpdateGroupStatus,
} from '../server/view.ts';
import { ageOf } from './age.ts';
import { printable } from './printable.ts';

type Line = readonly [label: string, text: string];

/** A peer as labelled lines, printable on any terminal. */
export function peerText(peer: PeerStatus, clock: Clock): string {
  const lines: Line[] = [
    ...identity(peer),
    ...state(peer, clock),
    ...timers(peer.timers),
    ...optional('BFD', peer.bfd && bfd(peer.bfd, clock)),
    ...families(peer),
    ...capabilities(peer),
    ['Messages received', messages(peer.messages.received)],
    ['Messages sent', messages(peer.messages.sent)],
    ...malformed(peer.malformed),
    ...updateGroup(peer.updateGroup),
    ['Output queue', `${peer.queuedBytes} octets`],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, text]) => `${label.padEnd(width)}  ${printable(text)}\n`).join('');
}

/** What RFC 7606 repaired, where it repaired anything. */
function malformed(counts: PeerStatus['malformed']): Line[] {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0
    ? []
    : [['Malformed', some.map(([remedy, count]) => `${count} ${remedy}`).join(', ')]];
}

function identity(peer: PeerStatus): Line[] {
  const { localAddress, localPort, routerId } = peer;
  const device = peer.interface === undefined ? '' : ` on ${peer.interface}`;
  const role = [
    peer.kind,
    peer.type,
    peer.reflectorClient ? 'reflector client' : '',
    peer.passive ? 'passive' : '',
  ];
  return [
    ['Peer', peer.name],
    ['Address', `${peer.address} port ${peer.port}${device}`],
    ...optional('Local address', localAddress && `${localAddress} port ${localPort ?? '-'}`),
    ['AS', `${peer.asn}, ours ${peer.localAsn}`],
    ['Role', role.filter((word) => word !== '').join(', ')],
    ...optional('Router id', routerId),
  ];
}

function state(peer: PeerStatus, clock: Clock): Line[] {
  const { lastError, lastNotification, gracefulRestart } = peer;
  return [
    ['State', `${peer.state} for ${ageOf(peer.since, clock)}, flapped ${peer.flaps} times`],
    ['Reason', peer.reason],
    ...optional('Last error', lastError && `${lastError.text}, at ${lastError.at}`),
    ...optional('Last NOTIFICATION', lastNotification && notification(lastNotification)),
    ...optional(
      'Graceful restart',
      gracefulRestart &&
        `${gracefulRestart.role}, ${gracefulRestart.staleRoutes} stale routes, ` +
          `${gracefulRestart.secondsLeft} s left`,
    ),
  ];
}

function notification(last: NotificationStatus): string {
  const said = last.communication === undefined ? '' : `, "${last.communication}"`;
  return `${last.direction} at ${last.at}: ${last.code}/${last.subcode} ${last.text}${said}`;
}

function bfd(of: BfdPeerStatus, clock: Clock): string {
  const { remoteState, remoteDiagnostic, transmitInterval, detectionTime, packets } = of;
  return [
    `${of.state} for ${ageOf(of.since, clock)} over ${of.hops === 'single' ? 'one hop' : 'several hops'}`,
    of.reason,
    ...(remoteState === undefined ? [] : [`peer ${remoteState} (${remoteDiagnostic})`]),
    ...(transmitInterval === undefined ? [] : [`sent every ${transmitInterval} ms`]),
    ...(detectionTime === undefined ? [] : [`detection time ${detectionTime} ms`]),
    `${packets.sent} packets sent, ${packets.received} received`,
    `failed ${of.failures} times`,
  ].join(', ');
}

function timers(of: PeerTimers): Line[] {
  const seconds = (value: number | undefined): string =>
    value === undefined ? '-' : `${Math.round(value)} s`;
  const retry = of.connectRetryLeft ?? of.idleHoldLeft;
  return [
    [
      'Hold time',
      `${seconds(of.holdTime)}, configured ${of.configuredHoldTime} s, ${seconds(of.holdLeft)} left`,
    ],
    ['Keepalive', `every ${seconds(of.keepaliveTime)}, next in ${seconds(of.keepaliveLeft)}`],
    ...optional('Next attempt', retry === undefined ? undefined : `in ${seconds(retry)}`),
  ];
}

const families = ({ families: all }: PeerStatus): Line[] =>
  all.map((family): Line => {
    const { received, accepted, rejected, sent } = family;
    const ends = [
      family.endOfRibReceived ? 'received' : 'not received',
      family.endOfRibSent ? 'sent' : 'not sent',
    ].join(' and ');
    return [
      family.family,
      family.negotiated
        ? `${received} received, ${accepted} accepted, ${rejected} rejected, ${sent} sent; End-of-RIB ${ends}`
        : 'not negotiated',
    ];
  });

/** One line a capability: who has it. */
function capabilities({ capabilities: { ours, theirs = [] } }: PeerStatus): Line[] {
  const both = new Map<string, { ours?: CapabilityStatus; theirs?: CapabilityStatus }>();
  for (const [side, list] of [['ours', ours] as const, ['theirs', theirs] as const]) {
    for (const capability of list) {
      const key = `${capability.name} (${capability.code})`;
      const of = (c: CapabilityStatus | undefined): string => c?.detail ?? '';
      const before = both.get(key) ?? {};
      const joined = [of(before[side]), capability.detail].filter((text) => text !== '').join('; ');
      both.set(key, { ...before, [side]: { ...capability, detail: joined } });
    }
  }
  const side = (who: string, c: CapabilityStatus | undefined): string =>
    c === undefined ? `${who} no` : `${who} yes${c.detail === '' ? '' : ` (${c.detail})`}`;
  return [...both].map(
    ([key, sides]): Line => [
      'Capability',
      `${key}: ${side('we', sides.ours)}, ${side('peer', sides.theirs)}`,
    ],
  );
}

const messages = (counts: MessageCounts): string =>
  `${counts.open} OPEN, ${counts.update} UPDATE, ${counts.keepalive} KEEPALIVE, ` +
  `${counts.notification} NOTIFICATION, ${counts.routeRefresh} ROUTE-REFRESH`;

function updateGroup(group: UpdateGroupStatus | undefined): Line[] {
  if (group === undefined) return [];
  const alone = group.aloneBecause.join(', ');
  const company = alone === '' ? `${group.members} peers` : `alone, because of ${alone}`;
  return [['Update group', `${group.id}, ${company}`]];
}

const optional = (label: string, text: string | undefined): Line[] =>
  text === undefined ? [] : [[label, text]];
