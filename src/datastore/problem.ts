/** Why an object or a field was taken as absent, or deserves a second look. */
export type ProblemCode =
  | 'unknown-kind'
  | 'unknown-field'
  | 'wrong-value'
  | 'conflicting-fields'
  | 'ignored-name'
  | 'ignored-field'
  | 'duplicate-cidr'
  | 'duplicate-address'
  | 'duplicate-peer'
  | 'node-unknown'
  | 'no-address'
  | 'router-id-from-hash'
  | 'router-id-invalid'
  | 'secret-unknown'
  | 'secret-unusable'
  | 'secret-trimmed'
  | 'value-clamped'
  | 'filter-unknown';

/** One line of text for each code. */
export const PROBLEMS: Readonly<Record<ProblemCode, string>> = {
  'unknown-kind': 'the kind is not one that bengal or Calico knows',
  'unknown-field': 'the field does not exist in this kind and is ignored',
  'wrong-value': 'a value is not allowed here; the object counts as absent',
  'conflicting-fields':
    'fields exclude each other or one lacks another; the object counts as absent',
  'ignored-name': 'only objects with certain names have a meaning in this kind',
  'ignored-field': 'the field has a meaning in another object of this kind only',
  'duplicate-cidr': 'two pools have the same CIDR; the first by name is used',
  'duplicate-address': 'two nodes have the same address; the first by name is used',
  'duplicate-peer': 'two peerings lead to the same address and port; one of them is used',
  'node-unknown': 'the node is not in the datastore',
  'no-address': 'the node has no BGP address',
  'router-id-from-hash': 'no router id is given and there is no IPv4 address to take it from',
  'router-id-invalid': 'the router id is not a usable IPv4-formatted number',
  'secret-unknown':
    'the password of a peering is not known; the peer connects without it, or is held down if so asked',
  'secret-unusable': 'the password of a peering cannot be used; the peer is held down',
  'secret-trimmed': 'a password ends in a line break, which is left out of it',
  'value-clamped': 'a value does not fit into the protocol and was cut to the nearest that does',
  'filter-unknown': 'a filter is named that does not exist',
};

/** Something a person should know about the resources; nothing valid is affected by it. */
export interface Problem {
  readonly code: ProblemCode;
  /** `error`: an object counts as absent. `warning`: it is used, but not quite as written. */
  readonly severity: 'error' | 'warning';
  /** The object, then the field: `BGPPeer rack-1, spec.peerIP`. */
  readonly where: string;
  readonly message: string;
  /** What to do, one imperative sentence. */
  readonly cure: string;
}
