import type { Family } from '../../net/family.ts';
import type { CapabilityStatus, PeerFamily, PeerStatus, SpeakerStatus } from '../view.ts';
import { errorText } from './error-text.ts';
import { oneLine } from './lines.ts';
import { type Protocol, stateText } from './protocols.ts';

/** What a protocol has in the table. */
export interface ProtocolCounts {
  readonly imported: number;
  readonly preferred: number;
}

const NONE: ProtocolCounts = { imported: 0, preferred: 0 };

/** The words behind `show protocols all`, after the row itself. */
export function* protocolDetails(
  protocol: Protocol,
  counts: ProtocolCounts = NONE,
  status: SpeakerStatus,
  family: Family,
): Generator<string> {
  const { peer, kind } = protocol;
  const routes = peer?.families.find((own) => own.family === family);
  if (peer !== undefined) yield '  Description:    Connection to BGP peer';
  yield `  Preference:     ${PREFERENCE[kind]}`;
  yield '  Input filter:   ACCEPT';
  yield `  Output filter:  ${OUTPUT_FILTER[kind]}`;
  if (status.recovery !== undefined) yield `  GR recovery:   ${recoveryText(protocol, status)}`;
  const exported = exportedBy(kind, routes, status);
  yield `  Routes:         ${counts.imported} imported, ${exported} exported, ${counts.preferred} preferred`;
  yield* routeChanges(counts.imported, routes, exported);
  if (peer !== undefined) yield* sessionDetails(peer);
  yield '';
}

const PREFERENCE: Readonly<Record<Protocol['kind'], number>> = {
  Static: 200,
  Kernel: 10,
  Device: 240,
  Direct: 240,
  BGP: 100,
};

const OUTPUT_FILTER: Readonly<Record<Protocol['kind'], string>> = {
  Static: 'REJECT',
  Kernel: 'calico_kernel_programming',
  Device: 'REJECT',
  Direct: 'REJECT',
  BGP: '(unnamed)',
};

function recoveryText({ kind, peer, state }: Protocol, { recovery }: SpeakerStatus): string {
  if (state === 'wait') return ' waiting';
  return kind === 'BGP' && recovery?.awaited.includes(peer?.name ?? '') ? ' pending' : '';
}

function exportedBy(
  kind: Protocol['kind'],
  routes: PeerFamily | undefined,
  status: SpeakerStatus,
): number {
  if (kind === 'Kernel') return status.kernel?.installed ?? 0;
  return routes?.sent ?? 0;
}

/**
 * bengal keeps no counts of past changes: the table shows how the routes of now came out, so that it
 * has BIRD's form and its own sums are right.
 */
function routeChanges(
  imported: number,
  routes: PeerFamily | undefined,
  exported: number,
): readonly string[] {
  const received = routes?.received ?? imported;
  const rejected = routes?.rejected ?? 0;
  return [
    '  Route change stats:     received   rejected   filtered    ignored   accepted',
    changes('Import updates:', [received, 0, rejected, 0, received - rejected]),
    changes('Import withdraws:', [0, 0, '---', 0, 0]),
    changes('Export updates:', [exported, 0, 0, '---', exported]),
    changes('Export withdraws:', [0, '---', '---', '---', 0]),
  ];
}

const changes = (title: string, values: readonly (number | string)[]): string =>
  `    ${title.padEnd(20)}${values.map((at) => String(at).padStart(10)).join(' ')}`;

function* sessionDetails(peer: PeerStatus): Generator<string> {
  const zone = peer.interface === undefined ? '' : `%${peer.interface}`;
  yield `  BGP state:          ${stateText(peer)}`;
  yield `    Neighbor address: ${peer.address}${zone}`;
  yield `    Neighbor AS:      ${peer.asn}`;
  const { gracefulRestart, timers } = peer;
  if (gracefulRestart !== undefined) yield '    Neighbor graceful restart active';
  if (peer.state === 'Established') yield* establishedDetails(peer);
  else {
    if (timers.idleHoldLeft !== undefined) yield `    Error wait:       ${timers.idleHoldLeft}/-`;
    if (peer.state === 'Active' && timers.connectRetryLeft !== undefined) {
      yield `    Start delay:      ${timers.connectRetryLeft}/-`;
    }
    if (gracefulRestart !== undefined) {
      yield `    Restart timer:    ${gracefulRestart.secondsLeft}/-`;
    }
  }
  const error = errorText(peer);
  if (error !== '') yield `    Last error:       ${oneLine(error)}`;
}

function* establishedDetails(peer: PeerStatus): Generator<string> {
  const { routerId, localAddress, timers, capabilities } = peer;
  const theirs = capabilities.theirs ?? [];
  yield `    Neighbor ID:      ${routerId ?? ''}`;
  yield `    Neighbor caps:    ${capabilityNames(theirs).join(' ')}`;
  yield `    Session:          ${sessionKind(peer, capabilities.ours, theirs).join(' ')}`;
  if (localAddress !== undefined) yield `    Source address:   ${localAddress}`;
  yield `    Hold timer:       ${timerText(timers.holdLeft, timers.holdTime)}`;
  yield `    Keepalive timer:  ${timerText(timers.keepaliveLeft, timers.keepaliveTime)}`;
}

const timerText = (left: number | undefined, of: number | undefined): string =>
  `${Math.round(left ?? 0)}/${of ?? 0}`;

/** BIRD's words for what a speaker announced, in BIRD's order. */
function capabilityNames(capabilities: readonly CapabilityStatus[]): readonly string[] {
  const named = new Map(capabilities.map(({ name, detail }) => [name, detail]));
  const restart = named.get('graceful-restart');
  const longLived = named.get('long-lived-graceful-restart');
  return [
    ...(named.has('route-refresh') ? ['refresh'] : []),
    ...(named.has('enhanced-route-refresh') ? ['enhanced-refresh'] : []),
    ...(restart === undefined ? [] : [restart.includes('afi') ? 'restart-able' : 'restart-aware']),
    ...(longLived === undefined ? [] : [longLived.includes('afi') ? 'llgr-able' : 'llgr-aware']),
    ...(named.has('as4') ? ['AS4'] : []),
    ...addPathNames(named.get('add-path')),
    ...(named.has('extended-message') ? ['ext-messages'] : []),
  ];
}

/** RFC 7911 §4: mode 1 receives, 2 sends, 3 does both. */
function addPathNames(detail = ''): readonly string[] {
  return [
    ...(/mode [13]/.test(detail) ? ['add-path-rx'] : []),
    ...(/mode [23]/.test(detail) ? ['add-path-tx'] : []),
  ];
}

function sessionKind(
  { kind, multihop, reflectorClient }: PeerStatus,
  ours: readonly CapabilityStatus[],
  theirs: readonly CapabilityStatus[],
): readonly string[] {
  const own = capabilityNames(ours);
  const other = capabilityNames(theirs);
  const both = (a: string, b: string): boolean => own.includes(a) && other.includes(b);
  return [
    kind === 'ibgp' ? 'internal' : 'external',
    ...((multihop ?? 1) > 1 ? ['multihop'] : []),
    ...(reflectorClient ? ['route-reflector'] : []),
    ...(both('AS4', 'AS4') ? ['AS4'] : []),
    ...(both('add-path-rx', 'add-path-tx') ? ['add-path-rx'] : []),
    ...(both('add-path-tx', 'add-path-rx') ? ['add-path-tx'] : []),
    ...(both('ext-messages', 'ext-messages') ? ['ext-messages'] : []),
  ];
}
