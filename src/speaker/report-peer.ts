import { formatIpv4Number } from '../net/address.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { type FsmState, fsmState } from '../session/state.ts';
import { shutdownCommunication } from '../wire/notification.ts';
import type { PeerBfd } from './bfd-links.ts';
import { capabilityStatus } from './capability-text.ts';
import { iso } from './iso.ts';
import type { MessageCounts } from './message-counts.ts';
import type { Peer } from './peer.ts';
import type { PeerFamily, PeerState, PeerStatus, PeerTimers, PeerType } from './peer-status.ts';
import { reportBfd } from './report-bfd.ts';

const STATE_NAMES: Readonly<Record<FsmState, PeerState>> = {
  idle: 'Idle',
  connect: 'Connect',
  active: 'Active',
  'open-sent': 'OpenSent',
  'open-confirm': 'OpenConfirm',
  established: 'Established',
};

/** What a peer does not know of itself. */
export interface Surroundings {
  /** Why it is kept down, if it is. */
  readonly heldReason: string | undefined;
  readonly bfd: PeerBfd | undefined;
}

/** Every state by the RFC's name. */
export const STATES: readonly PeerState[] = Object.values(STATE_NAMES);

/** The RFC's name of the state that a peer is in. */
export const stateName = (peer: Peer): PeerState => STATE_NAMES[fsmState(peer.state)];

/** Everything that is to be known of a peer. */
export function reportPeer(
  peer: Peer,
  type: PeerType,
  { heldReason, bfd }: Surroundings,
): PeerStatus {
  const { config, link, negotiated } = peer;
  const local = link?.connection.local;
  return {
    name: peer.name,
    type,
    kind: config.asn === config.localAsn ? 'ibgp' : 'ebgp',
    address: config.address,
    port: config.port,
    ...(config.interface !== undefined && { interface: config.interface }),
    ...((local?.address ?? config.localAddress) !== undefined && {
      localAddress: local?.address ?? config.localAddress ?? '',
    }),
    ...(local !== undefined && { localPort: local.port }),
    asn: config.asn,
    localAsn: config.localAsn,
    reflectorClient: config.reflectorClient,
    passive: config.passive,
    ...(config.ttlSecurity === undefined && { multihop: config.multihop }),
    ...routerIdOf(peer),
    state: stateName(peer),
    reason: heldReason === undefined ? reasonOf(peer) : `kept down: ${heldReason}`,
    since: iso(peer.since),
    ...lastError(peer),
    ...lastNotification(peer),
    flaps: peer.flaps,
    families: config.families.map((family) => reportFamily(peer, family)),
    messages: { received: counts(peer.received), sent: counts(peer.sent) },
    malformed: peer.routes.malformed,
    capabilities: capabilitiesOf(peer),
    timers: timersOf(peer),
    ...groupOf(peer),
    ...(bfd !== undefined && { bfd: reportBfd(bfd) }),
    queuedBytes: link?.connection.queued ?? 0,
    ...(negotiated === undefined && gracefulRestartOf(peer)),
  };
}

/** A wrong password is not answered by anybody: silence is all that there is to see of it. */
function reasonOf({ config, link, reason }: Peer): string {
  if (config.password === undefined || link !== undefined) return reason;
  const hint = 'no connection: if the peer has another password, neither side hears the other';
  return reason === '' ? hint : `${reason}; ${hint}`;
}

function reportFamily({ routes, negotiated }: Peer, family: Family): PeerFamily {
  const { received, accepted, rejected, advertised, endOfRibSent, endOfRibReceived } =
    routes.rib.counts(family);
  return {
    family,
    negotiated: negotiated?.families.includes(family) ?? false,
    received,
    accepted,
    rejected,
    sent: advertised,
    endOfRibReceived,
    endOfRibSent,
  };
}

function routerIdOf({ opens }: Peer): { routerId?: string } {
  return opens.received === undefined ? {} : { routerId: formatIpv4Number(opens.received.bgpId) };
}

function lastError({ state, times }: Peer): Pick<PeerStatus, 'lastError'> {
  if (state.lastError === undefined) return {};
  const { reason, detail } = state.lastError;
  return {
    lastError: { at: iso(times.error), text: detail === '' ? reason : `${reason}: ${detail}` },
  };
}

function lastNotification({ state, times }: Peer): Pick<PeerStatus, 'lastNotification'> {
  const record = state.lastNotification;
  if (record === undefined) return {};
  const { direction, code, subcode, text } = record;
  const communication = shutdownCommunication(record);
  return {
    lastNotification: {
      direction,
      at: iso(times.notification),
      code,
      subcode,
      text,
      ...(communication !== undefined && { communication }),
    },
  };
}

function capabilitiesOf({ opens }: Peer): PeerStatus['capabilities'] {
  const theirs = opens.received?.capabilities.map(capabilityStatus);
  return {
    ours: opens.sent?.capabilities.map(capabilityStatus) ?? [],
    ...(theirs !== undefined && { theirs }),
  };
}

function timersOf(peer: Peer): PeerTimers {
  const { config, negotiated, link } = peer;
  const left = (name: keyof PeerTimers, value: number | undefined) =>
    value === undefined ? {} : { [name]: Math.round(value) };
  const slot = link?.slot ?? 'outgoing';
  const hold = negotiated?.holdTime;
  return {
    configuredHoldTime: config.holdTime,
    ...(negotiated && { holdTime: negotiated.holdTime, keepaliveTime: negotiated.keepaliveTime }),
    ...left('holdLeft', hold ? Math.max(0, hold - (link?.quiet ?? 0)) : undefined),
    ...left('keepaliveLeft', peer.timerLeft(`${slot}/keepalive`)),
    ...left('connectRetryLeft', peer.timerLeft('connect-retry')),
    ...left('idleHoldLeft', peer.timerLeft('idle-hold')),
  };
}

function groupOf({ routes, negotiated }: Peer): Pick<PeerStatus, 'updateGroup'> {
  const family = negotiated?.families[0];
  const group = family === undefined ? undefined : routes.rib.group(family);
  return group === undefined ? {} : { updateGroup: group };
}

/** Stale routes of a peer that is away: we help it to restart. */
function gracefulRestartOf(peer: Peer): Pick<PeerStatus, 'gracefulRestart'> {
  const left = peer.timerLeft('gr-restart') ?? longLivedLeft(peer);
  if (left === undefined) return {};
  const stale = peer.state.stale.map((family) => peer.routes.rib.counts(family).stale);
  return {
    gracefulRestart: {
      role: 'helper',
      staleRoutes: stale.reduce((sum, count) => sum + count, 0),
      secondsLeft: Math.round(left),
    },
  };
}

const counts = ({ open, update, notification, keepalive, routeRefresh }: MessageCounts) => ({
  open,
  update,
  notification,
  keepalive,
  routeRefresh,
});

/** Seconds left of the family whose routes are kept longest (RFC 9494). */
function longLivedLeft(peer: Peer): number | undefined {
  const left = FAMILIES.flatMap((family) => peer.timerLeft(`llgr-${family}`) ?? []);
  return left.length === 0 ? undefined : Math.max(...left);
}
