import { type Family, familyOf } from '../net/family.ts';
import type { Capability } from '../wire/capabilities/table.ts';
import { type OpenMessage, openAsn } from '../wire/open.ts';
import type { PeerGracefulRestart, PeerLongLivedFamily } from './negotiated.ts';

/** What an OPEN offers, whichever side sent it; repeated capabilities folded together. */
export interface Offer {
  /** From capability 65 where it is present, RFC 6793 §4.2.3. */
  readonly asn: number;
  readonly as4: boolean;
  /** IPv4 unicast alone if there is no multiprotocol capability at all. */
  readonly families: readonly Family[];
  readonly addPathReceive: readonly Family[];
  readonly addPathSend: readonly Family[];
  readonly refresh: boolean;
  readonly enhancedRefresh: boolean;
  readonly extendedMessages: boolean;
  /** IPv4 unicast with IPv6 next hops. */
  readonly extendedNextHop: boolean;
  readonly gracefulRestart: PeerGracefulRestart | undefined;
  readonly longLivedGracefulRestart: readonly PeerLongLivedFamily[] | undefined;
  /** Codes of capability 9, each once. */
  readonly roles: readonly number[];
  readonly hostName: string | undefined;
  readonly software: string | undefined;
}

/** Capabilities of one type; of most, the last instance counts (RFC 4724 §3, others alike). */
type Select = <T extends Capability['type']>(
  type: T,
) => readonly Extract<Capability, { readonly type: T }>[];

export function offerOf(open: OpenMessage): Offer {
  const { capabilities } = open;
  const all: Select = (type) =>
    capabilities.filter(
      (capability): capability is Extract<Capability, { readonly type: typeof type }> =>
        capability.type === type,
    );
  return {
    asn: openAsn(open),
    as4: all('as4').length > 0,
    families: familiesOf(all),
    addPathReceive: addPathOf(all, 1),
    addPathSend: addPathOf(all, 2),
    refresh: all('route-refresh').length > 0,
    enhancedRefresh: all('enhanced-route-refresh').length > 0,
    extendedMessages: all('extended-message').length > 0,
    extendedNextHop: extendedNextHopOf(all),
    gracefulRestart: gracefulRestartOf(all),
    longLivedGracefulRestart: longLivedOf(all),
    roles: [...new Set(all('role').map(({ role }) => role))],
    hostName: all('fqdn').at(-1)?.hostName,
    software: all('software-version').at(-1)?.version,
  };
}

function familiesOf(all: Select): readonly Family[] {
  const offered = all('multiprotocol');
  return offered.length === 0 ? ['ipv4-unicast'] : known(offered);
}

/** `bit` is 1 for receive and 2 for send (RFC 7911 §4). */
function addPathOf(all: Select, bit: 1 | 2): readonly Family[] {
  const entries = all('add-path').at(-1)?.families ?? [];
  return known(entries.filter(({ mode }) => (mode & bit) !== 0));
}

function extendedNextHopOf(all: Select): boolean {
  return all('extended-next-hop').some(({ entries }) =>
    entries.some(({ afi, safi, nextHopAfi }) => afi === 1 && safi === 1 && nextHopAfi === 2),
  );
}

function gracefulRestartOf(all: Select): PeerGracefulRestart | undefined {
  const last = all('graceful-restart').at(-1);
  if (last === undefined) return undefined;
  const { restartTime, restarting, notification, families } = last;
  return {
    restartTime,
    restarting,
    notification,
    families: known(families),
    forwarding: known(families.filter(({ forwarding }) => forwarding)),
  };
}

function longLivedOf(all: Select): readonly PeerLongLivedFamily[] | undefined {
  const last = all('long-lived-graceful-restart').at(-1);
  return last?.families.flatMap(({ afi, safi, staleTime, forwarding }) => {
    const family = familyOf(afi, safi);
    return family === undefined ? [] : [{ family, staleTime, forwarding }];
  });
}

/** The families that bengal routes among AFI/SAFI pairs, each once. */
function known(pairs: readonly { readonly afi: number; readonly safi: number }[]): Family[] {
  const families = pairs.map(({ afi, safi }) => familyOf(afi, safi));
  return [...new Set(families.filter((family) => family !== undefined))];
}
