import { afiOf, SAFI_UNICAST } from '../net/family.ts';
import { ROLES } from '../wire/capabilities/role.ts';
import type { Capability } from '../wire/capabilities/table.ts';
import type { OpenMessage } from '../wire/open.ts';
import type { SessionSettings } from './settings.ts';
import type { OwnRestart } from './state.ts';

/** In the 2-octet field of a speaker whose AS number needs four, RFC 6793 §9. */
const AS_TRANS = 23456;

const ADD_PATH_RECEIVE = 1;
const ADD_PATH_SEND = 2;

/** Our OPEN: the capabilities that the settings turn on, in ascending order of their codes. */
export function buildOpen(settings: SessionSettings, own: OwnRestart): OpenMessage {
  return {
    version: 4,
    asn: settings.localAsn > 0xffff ? AS_TRANS : settings.localAsn,
    holdTime: settings.holdTime,
    bgpId: settings.routerId,
    capabilities: CAPABILITIES.flatMap((capability) => capability(settings, own)),
  };
}

type CapabilityOf = (settings: SessionSettings, own: OwnRestart) => readonly Capability[];

const afiSafi = (family: SessionSettings['families'][number]): { afi: number; safi: number } => ({
  afi: afiOf(family),
  safi: SAFI_UNICAST,
});

const CAPABILITIES: readonly CapabilityOf[] = [
  ({ families }) => families.map((family) => ({ type: 'multiprotocol', ...afiSafi(family) })),
  () => [{ type: 'route-refresh' }],
  extendedNextHop,
  ({ extendedMessages }) => (extendedMessages ? [{ type: 'extended-message' }] : []),
  ({ role }) => (role === undefined ? [] : [{ type: 'role', role: ROLES.indexOf(role) }]),
  gracefulRestart,
  ({ localAsn }) => [{ type: 'as4', asn: localAsn }],
  addPath,
  ({ enhancedRefresh }) => (enhancedRefresh ? [{ type: 'enhanced-route-refresh' }] : []),
  longLivedGracefulRestart,
  ({ hostName }) => (hostName === undefined ? [] : [{ type: 'fqdn', hostName, domainName: '' }]),
  ({ software }) =>
    software === undefined ? [] : [{ type: 'software-version', version: software }],
];

function extendedNextHop({ families, extendedNextHop }: SessionSettings): readonly Capability[] {
  if (!extendedNextHop || !families.includes('ipv4-unicast')) return [];
  return [{ type: 'extended-next-hop', entries: [{ ...afiSafi('ipv4-unicast'), nextHopAfi: 2 }] }];
}

function gracefulRestart(
  { families, gracefulRestart }: SessionSettings,
  { restarting, forwarding }: OwnRestart,
): readonly Capability[] {
  if (gracefulRestart === undefined) return [];
  const entries = families.map((family) => ({
    ...afiSafi(family),
    forwarding: forwarding.includes(family),
  }));
  return [{ type: 'graceful-restart', restarting, ...gracefulRestart, families: entries }];
}

/** Without a family: we know long-lived stale routes, and keep none (RFC 9494 §4.1). */
function longLivedGracefulRestart(
  { families, gracefulRestart, longLivedGracefulRestart: longLived }: SessionSettings,
  { forwarding }: OwnRestart,
): readonly Capability[] {
  // RFC 9494 §3.1: of no use without capability 64.
  if (gracefulRestart === undefined) return [];
  const entries = (longLived === undefined ? [] : families).map((family) => ({
    ...afiSafi(family),
    forwarding: forwarding.includes(family),
    staleTime: longLived?.staleTime ?? 0,
  }));
  return [{ type: 'long-lived-graceful-restart', families: entries }];
}

function addPath({ families, addPath: { send, receive } }: SessionSettings): readonly Capability[] {
  const mode = (receive ? ADD_PATH_RECEIVE : 0) | (send ? ADD_PATH_SEND : 0);
  if (mode === 0) return [];
  return [{ type: 'add-path', families: families.map((family) => ({ ...afiSafi(family), mode })) }];
}
