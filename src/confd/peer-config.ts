import { DEFAULT_BFD } from '../config/bfd-fields.ts';
import type { PeerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { SecretKeyRef } from '../datastore/resources/views.ts';
import type { Family } from '../net/family.ts';
import type { Cluster } from './cluster.ts';
import type { OwnNode } from './own-node.ts';
import { NO_PASSWORD, type PasswordOutcome, passwordOf } from './password.ts';
import { peerOrigins } from './peer-origins.ts';
import { type Peering, peeringName } from './peering.ts';
import { type Direction, filterPolicyNames } from './policies/filter.ts';
import type { Origins, Traced } from './trace.ts';
import type { Environment, Hold, Need } from './types.ts';

/** The policies of sessions of a kind; a BGPPeer's filters come between them. */
export interface SessionPolicies {
  /** Behind the import filters. */
  readonly import: readonly string[];
  /** Before and behind the export filters. */
  readonly beforeExport: readonly string[];
  readonly export: readonly string[];
  readonly exportEnd: PeerConfig['exportEnd'];
}

/** Makes a peer of a peering, where `others` that lead to the same endpoint count for less. */
export type MakePeer = (peering: Peering, others: readonly Peering[]) => PeerOutcome;

/** Chooses the policies of a session; depends on nothing else. */
export type PolicyChoice = (
  family: Family,
  kind: 'ibgp' | 'ebgp',
  environment: Environment,
) => SessionPolicies;

export interface PeerOutcome extends Traced<PeerConfig> {
  readonly peering: Peering;
  /** Where the peer is; the same for two peers whose connections would fight. */
  readonly endpoint: string;
  readonly hold: Hold | undefined;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

const BGP_PORT = 179;
// One for thousands of peers.
const FAMILY_LISTS: Readonly<Record<Family, readonly Family[]>> = {
  'ipv4-unicast': ['ipv4-unicast'],
  'ipv6-unicast': ['ipv6-unicast'],
};
const ERROR_WAIT: PeerConfig['errorWait'] = { min: 5, max: 30 };
const ADD_PATH: PeerConfig['addPath'] = { send: true, receive: true };
const HOLD_TIME = 240;
const CONNECT_RETRY_TIME = 5;
const MULTIHOP = 64;
const RESTART_TIME = 120;
/** RFC 4724 §3: the restart time has 12 bits. */
const MAX_RESTART_TIME = 4095;

/**
 * Makes peers as the speaker sees them, with the values that Calico gives every BIRD session. Parts
 * that thousands of them have in common are one object.
 */
export function peerMaker(
  own: OwnNode,
  cluster: Pick<Cluster, 'secrets' | 'filters'>,
  environment: Environment,
  policies: PolicyChoice,
): MakePeer {
  const listsOf = policyLists(cluster, environment, policies);
  const passwords = new WeakMap<SecretKeyRef, PasswordOutcome>();
  const secretOf = (reference: SecretKeyRef | undefined): PasswordOutcome => {
    if (reference === undefined) return NO_PASSWORD;
    const secret = passwords.get(reference) ?? passwordOf(reference, cluster, environment);
    passwords.set(reference, secret);
    return secret;
  };
  return (first, others) => {
    const peering = described(first, others);
    // That BGPPeers describe a peer twice, or a reflector's client, is usual.
    const doubled = others.filter(({ type }) => type === 'Mesh');
    return peerConfig(peering, doubled, own, secretOf(peering.settings.password), listsOf);
  };
}

/**
 * A client that a BGPPeer describes as well gets the settings of that BGPPeer, but stays the same
 * peer: its session must not fall when the BGPPeer comes or goes.
 */
function described(peering: Peering, others: readonly Peering[]): Peering {
  const client = others.find(({ type }) => type === 'Client');
  return client === undefined ? peering : { ...peering, type: 'Client', port: client.port };
}

type PolicyLists = Pick<PeerConfig, 'importPolicy' | 'exportPolicy' | 'exportEnd'>;
type ListsOf = (peering: Peering, kind: 'ibgp' | 'ebgp') => PolicyLists;

function policyLists(
  cluster: Pick<Cluster, 'filters'>,
  environment: Environment,
  policies: PolicyChoice,
): ListsOf {
  const known = new WeakMap<readonly string[], Map<string, PolicyLists>>();
  return ({ settings: { filters }, family }, kind) => {
    const ofFilters = known.get(filters) ?? new Map<string, PolicyLists>();
    known.set(filters, ofFilters);
    const before = ofFilters.get(`${kind} ${family}`);
    if (before !== undefined) return before;
    const others = policies(family, kind, environment);
    const named = (direction: Direction): readonly string[] =>
      filterPolicyNames(cluster, filters, direction, family);
    const lists: PolicyLists = {
      importPolicy: [...named('import'), ...others.import],
      exportPolicy: [...others.beforeExport, ...named('export'), ...others.export],
      exportEnd: others.exportEnd,
    };
    ofFilters.set(`${kind} ${family}`, lists);
    return lists;
  };
}

function peerConfig(
  peering: Peering,
  doubled: readonly Peering[],
  own: OwnNode,
  secret: PasswordOutcome,
  listsOf: ListsOf,
): PeerOutcome {
  const { settings, family } = peering;
  const name = peeringName(peering);
  const localAsn = settings.localAsn ?? own.asn.value;
  const kind = peering.asn.value === localAsn ? 'ibgp' : 'ebgp';
  const times = timesOf(peering, name);
  const { importPolicy, exportPolicy, exportEnd } = listsOf(peering, kind);
  const value: PeerConfig = {
    name,
    address: peering.address,
    port: peering.port?.value ?? BGP_PORT,
    interface: undefined,
    asn: peering.asn.value,
    localAddress: settings.useNodeIp ? own.addresses[family]?.address : undefined,
    localAsn,
    allowOwnAs: settings.allowOwnAs,
    passive: peering.passive,
    shutdown: undefined,
    reflectorClient: kind === 'ibgp' && isClient(peering, own),
    routeServerClient: false,
    role: undefined,
    roleRequired: false,
    families: FAMILY_LISTS[family],
    holdTime: times.holdTime,
    keepaliveTime: times.keepaliveTime,
    sendHoldTime: undefined,
    connectRetryTime: settings.connectRetryTime ?? CONNECT_RETRY_TIME,
    errorWait: ERROR_WAIT,
    password: secret.password,
    multihop: multihopOf(settings.ttlSecurity, kind),
    ttlSecurity: settings.ttlSecurity,
    nextHop: nextHopOf(peering, kind),
    addPath: ADD_PATH,
    extendedMessages: false,
    extendedNextHop: false,
    gracefulRestart: { restartTime: times.restartTime, notification: false },
    longLivedGracefulRestart: undefined,
    longLivedPartialDeployment: false,
    bfd: bfdOf(settings, kind),
    prefixLimit: undefined,
    gracefulShutdown: false,
    asSet: 'accept',
    importPolicy,
    exportPolicy,
    importEnd: 'accept',
    exportEnd,
  };
  const endpoint = `${value.address} port ${value.port}`;
  const problems = [
    ...times.problems,
    ...doubled.map((other) => secondPeering(peeringName(other), endpoint, name)),
  ];
  return new Outcome(value, peering, own, {
    endpoint,
    hold: secret.hold === undefined ? undefined : { peer: name, reason: secret.hold },
    needs: secret.needs,
    problems: problems.length === 0 ? secret.problems : [...secret.problems, ...problems],
  });
}

/** One shape for thousands, which a getter in each object would not be. */
class Outcome implements PeerOutcome {
  readonly value: PeerConfig;
  readonly peering: Peering;
  readonly endpoint: string;
  readonly hold: Hold | undefined;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
  readonly #own: OwnNode;

  constructor(
    value: PeerConfig,
    peering: Peering,
    own: OwnNode,
    {
      endpoint,
      hold,
      needs,
      problems,
    }: Pick<PeerOutcome, 'endpoint' | 'hold' | 'needs' | 'problems'>,
  ) {
    this.value = value;
    this.peering = peering;
    this.endpoint = endpoint;
    this.hold = hold;
    this.needs = needs;
    this.problems = problems;
    this.#own = own;
  }

  /** Few ever ask for them. */
  get origins(): Origins {
    return peerOrigins(this.value, this.peering, this.#own);
  }
}

/** BIRD would run both sessions and let their connections fight. */
const secondPeering = (name: string, endpoint: string, used: string): Problem => ({
  code: 'duplicate-peer',
  severity: 'warning',
  where: name,
  message: `leads to ${endpoint} as ${used} does, which is used`,
  cure: 'Disable the mesh, or remove the BGPPeer',
});

/** With TTL security the hops mean nothing, and stand at what the written form gives them. */
function multihopOf(ttlSecurity: number | undefined, kind: 'ibgp' | 'ebgp'): number {
  if (ttlSecurity === undefined) return MULTIHOP;
  return kind === 'ibgp' ? 255 : 1;
}

/** RFC 4456 clusters: whoever is not a reflector of our own cluster is our client. */
const isClient = ({ remoteClusterId }: Peering, { clusterId }: OwnNode): boolean =>
  clusterId !== undefined && remoteClusterId !== clusterId.value;

function nextHopOf({ settings }: Peering, kind: 'ibgp' | 'ebgp'): PeerConfig['nextHop'] {
  const { nextHopMode, keepOriginalNextHop } = settings;
  if (nextHopMode === 'Self') return 'self';
  if (nextHopMode === 'Keep') return 'keep';
  if (nextHopMode === undefined && keepOriginalNextHop && kind === 'ebgp') return 'keep';
  return 'auto';
}

/**
 * BFD over one hop for whom the session is external, which is a router on the link as a rule, and over
 * several for the others: the hops of a Calico session, always 64, do not tell.
 */
function bfdOf(
  { bfd, ttlSecurity }: Peering['settings'],
  kind: 'ibgp' | 'ebgp',
): PeerConfig['bfd'] {
  if (bfd === undefined) return undefined;
  const multihop = bfd.multihop ?? (kind === 'ibgp' && ttlSecurity !== 1);
  return { ...DEFAULT_BFD, ...bfd.intervals, multihop, strict: bfd.strict };
}

interface Times {
  readonly holdTime: number;
  readonly restartTime: number;
  readonly keepaliveTime: number | undefined;
  readonly problems: readonly Problem[];
}

/** Times that the protocol cannot express, or that would end every session, are cut with a word. */
function timesOf({ settings, origin }: Peering, peer: string): Times {
  const { restartTime = RESTART_TIME, keepaliveTime, holdTime = HOLD_TIME } = settings;
  const problems: Problem[] = [];
  const clamped = (field: string, cure: string, message: string): void => {
    const where = `${origin.resource ?? peer}, ${field}`;
    problems.push({ code: 'value-clamped', severity: 'warning', where, message, cure });
  };
  if (restartTime > MAX_RESTART_TIME)
    clamped(
      'restart time',
      `Give ${MAX_RESTART_TIME}s at most`,
      `${peer} cannot announce ${restartTime} s; ${MAX_RESTART_TIME} s is used`,
    );
  const tooLate = keepaliveTime !== undefined && holdTime > 0 && keepaliveTime >= holdTime;
  if (tooLate)
    clamped(
      'keepaliveTime',
      `Give less than the hold time of ${holdTime}s`,
      `${peer} would expire between keepalives every ${keepaliveTime} s; a third of the hold time is used`,
    );
  return {
    holdTime,
    restartTime: Math.min(restartTime, MAX_RESTART_TIME),
    keepaliveTime: tooLate ? undefined : keepaliveTime,
    problems,
  };
}
