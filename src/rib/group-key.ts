import type { AddressBytes } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { CompiledPolicy } from '../policy/compile.ts';
import type { BgpRole } from '../wire/capabilities/role.ts';
import type { DrainMode, NextHopMode, RibPeerSettings, RibSession } from './types.ts';

/** Everything that decides what a peer is sent: peers that agree in all of it share one stream. */
export interface GroupProfile {
  readonly family: Family;
  /**
   * `client`: internal, and we reflect to it what internal peers sent; `route-server-client`:
   * external, and we are transparent to it (RFC 7947).
   */
  readonly kind: 'ebgp' | 'route-server-client' | 'ibgp' | 'client';
  /** What we are to the members, RFC 9234. */
  readonly role: BgpRole | undefined;
  readonly as4: boolean;
  /** The peer takes several paths of a prefix (RFC 7911). */
  readonly addPath: boolean;
  readonly maxMessage: number;
  readonly extendedNextHop: boolean;
  readonly localAsn: number;
  readonly nextHop: NextHopMode;
  readonly ownNextHop: AddressBytes | undefined;
  readonly exportPolicy: CompiledPolicy;
  /** The members know long-lived stale routes (RFC 9494). */
  readonly longLived: boolean;
  /** Internal ones get them with LOCAL_PREF 0, and if they do not know them with NO_EXPORT. */
  readonly longLivedPartialDeployment: boolean;
  readonly drain: DrainMode;
}

/** How each field enters the key; a field without a line here does not compile. */
const FIELDS: { readonly [F in keyof GroupProfile]: (profile: GroupProfile) => string } = {
  family: ({ family }) => family,
  kind: ({ kind }) => kind,
  role: ({ role }) => role ?? '',
  as4: ({ as4 }) => String(as4),
  addPath: ({ addPath }) => String(addPath),
  maxMessage: ({ maxMessage }) => String(maxMessage),
  extendedNextHop: ({ extendedNextHop }) => String(extendedNextHop),
  localAsn: ({ localAsn }) => String(localAsn),
  nextHop: ({ nextHop }) => nextHop,
  ownNextHop: ({ ownNextHop }) => ownNextHop?.join('.') ?? '',
  exportPolicy: ({ exportPolicy }) => exportPolicy.key,
  longLived: ({ longLived }) => String(longLived),
  longLivedPartialDeployment: ({ longLivedPartialDeployment: partial }) => String(partial),
  drain: ({ drain }) => drain,
};

const NAMES = Object.keys(FIELDS) as (keyof GroupProfile)[];

/** Profiles with equal keys share an update group. */
export const groupKey = (profile: GroupProfile): string =>
  NAMES.map((name) => FIELDS[name](profile)).join(' ');

/** The fields in which a profile differs from the one that is most like it; empty without others. */
export function differences(
  profile: GroupProfile,
  others: readonly GroupProfile[],
): readonly (keyof GroupProfile)[] {
  const each = others.map((other) =>
    NAMES.filter((name) => FIELDS[name](profile) !== FIELDS[name](other)),
  );
  return each.reduce(
    (least, names) => (names.length < least.length ? names : least),
    each[0] ?? [],
  );
}

export function groupProfile(
  family: Family,
  session: RibSession,
  settings: RibPeerSettings,
  reflects: boolean,
): GroupProfile {
  const { as4, addPath, maxMessage, extendedNextHop } = session.send;
  return {
    family,
    kind: kindOf(session, settings, reflects),
    role: session.role,
    as4,
    addPath: addPath.includes(family),
    maxMessage,
    extendedNextHop,
    localAsn: session.localAsn,
    nextHop: settings.nextHop,
    ownNextHop: session.ownNextHop[family],
    exportPolicy: settings.exportPolicy,
    longLived: session.longLived,
    longLivedPartialDeployment: session.kind === 'ibgp' && settings.longLivedPartialDeployment,
    drain: settings.drain,
  };
}

function kindOf(
  { kind }: RibSession,
  { reflectorClient, routeServerClient }: RibPeerSettings,
  reflects: boolean,
): GroupProfile['kind'] {
  if (kind === 'ebgp') return routeServerClient ? 'route-server-client' : 'ebgp';
  return reflects && reflectorClient ? 'client' : 'ibgp';
}

/** True for the kinds of external sessions. */
export const isExternal = (kind: GroupProfile['kind']): boolean =>
  kind === 'ebgp' || kind === 'route-server-client';
