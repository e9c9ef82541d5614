/** A reason code's stable name and one line of text. */
export interface Reason {
  readonly name: string;
  readonly text: string;
}

/** Why a path that was received is not used. 0 is none; 64 and above are the import policy's. */
export const REFUSAL = {
  eligible: 0,
  'own-as': 1,
  'own-originator-id': 2,
  'own-cluster-id': 3,
  'own-next-hop': 4,
  'no-next-hop': 5,
  'as-set': 6,
  'next-hop-unresolved': 7,
  'route-leak': 8,
} as const;

export const REFUSAL_REASONS: readonly Reason[] = reasons<keyof typeof REFUSAL>({
  eligible: 'nothing speaks against the path',
  'own-as': 'AS_PATH holds our own AS number more often than allowed',
  'own-originator-id': 'ORIGINATOR_ID is our own router id (RFC 4456 §8)',
  'own-cluster-id': 'CLUSTER_LIST holds our own cluster id (RFC 4456 §8)',
  'own-next-hop': 'the next hop is one of our own addresses',
  'no-next-hop': 'there is no next hop of use for the family',
  'as-set': 'AS_PATH holds an AS_SET (RFC 9774)',
  'next-hop-unresolved': 'no local route leads to the next hop',
  'route-leak': 'Only to Customer tells that the peer should not have sent it (RFC 9234 §5)',
});

/** Codes of a policy begin here. */
export const POLICY_REASON = 64;

/** The step of the decision that left one path, RFC 4271 §9.1 and RFC 4456 §9. 0 is no best path. */
export const STEP = {
  'no-path': 0,
  'only-path': 1,
  'not-long-lived-stale': 2,
  preference: 3,
  'local-route': 4,
  'local-pref': 5,
  'as-path-length': 6,
  origin: 7,
  med: 8,
  'ebgp-over-ibgp': 9,
  'igp-metric': 10,
  'router-id': 11,
  'cluster-list-length': 12,
  'peer-address': 13,
  'kernel-metric': 14,
  'path-id': 15,
} as const;

export const STEP_REASONS: readonly Reason[] = reasons<keyof typeof STEP>({
  'no-path': 'no path is eligible',
  'only-path': 'the only eligible path',
  'not-long-lived-stale': 'the others are kept for long-lived graceful restart',
  preference: 'highest preference of its source',
  'local-route': 'a route of this machine goes before BGP of the same preference',
  'local-pref': 'highest LOCAL_PREF',
  'as-path-length': 'shortest AS_PATH',
  origin: 'lowest ORIGIN',
  med: 'lowest MULTI_EXIT_DISC of its neighbouring AS',
  'ebgp-over-ibgp': 'from an external peer',
  'igp-metric': 'nearest next hop',
  'router-id': 'lowest ORIGINATOR_ID or BGP identifier',
  'cluster-list-length': 'shortest CLUSTER_LIST',
  'peer-address': 'lowest peer address',
  'kernel-metric': 'lowest kernel metric',
  'path-id': 'lowest path identifier',
});

/** Why a best path is not sent to a peer. 0: it is; 64 and above are the export policy's. */
export const HELD = {
  sent: 0,
  'own-route': 1,
  'not-announced': 2,
  'not-reflected': 3,
  'no-advertise': 4,
  'no-export': 5,
  'long-lived-stale': 6,
  'next-hop-is-receiver': 7,
  'no-own-next-hop': 8,
  'next-hop-family': 9,
  'too-large': 10,
  'not-best': 11,
  'not-eligible': 12,
  deferred: 13,
  'only-to-customer': 14,
  draining: 15,
} as const;

export const HELD_REASONS: readonly Reason[] = reasons<keyof typeof HELD>({
  sent: 'sent',
  'own-route': 'the peer sent it to us',
  'not-announced': 'a local route that is not to be announced',
  'not-reflected': 'from an internal peer to an internal peer, and neither is a client',
  'no-advertise': 'community NO_ADVERTISE',
  'no-export': 'community NO_EXPORT or NO_EXPORT_SUBCONFED',
  'long-lived-stale': 'long-lived stale, and the peer does not know such routes (RFC 9494)',
  'next-hop-is-receiver': "the next hop is the peer's own address",
  'no-own-next-hop': 'we have no address of the family to give as next hop',
  'next-hop-family': 'the peer cannot take a next hop of this family (RFC 8950)',
  'too-large': 'the attributes do not fit into a message of the session',
  'not-best': 'not the best path, and the peer takes only one',
  'not-eligible': 'the path is not eligible',
  deferred: 'the route selection is deferred until the peers have sent everything (RFC 4724)',
  'only-to-customer':
    'Only to Customer keeps it from providers, peers and route servers (RFC 9234 §5)',
  draining: 'this speaker is being drained and has withdrawn its routes (RFC 8326)',
});

/** The reasons in the order of their codes, which is the order of the names. */
function reasons<Name extends string>(texts: Readonly<Record<Name, string>>): readonly Reason[] {
  return Object.entries<string>(texts).map(([name, text]) => ({ name, text }));
}
