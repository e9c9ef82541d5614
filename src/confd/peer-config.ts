import { DEFAULT_BFD } from '../config/bfd-fields.ts';
import type { PeerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Family } from '../net/family.ts';
import type { Cluster } from './cluster.ts';
import type { OwnNode } from './own-node.ts';
import { passwordOf } from './password.ts';
import { peerOrigins } from './peer-origins.ts';
import { type Peering, peeringName } from './peering.ts';
import { type Direction, filterPolicyNames } from './policies/filter.ts';
import type { Traced } from './trace.ts';
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

/** Chooses the policies of a session; depends on nothing else. */
export type PolicyChoice = (
  family: Family,
  kind: 'ibgp' | 'ebgp',
  environment: Environment,
) => SessionPolicies;

export interface PeerOutcome extends Traced<PeerConfig> {
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

/** A peering as the speaker sees it, with the values that Calico gives every BIRD session. */
export function peerConfig(
  peering: Peering,
  own: OwnNode,
  cluster: Cluster,
  environment: Environment,
  policies: PolicyChoice,
): PeerOutcome {
  const { settings, family } = peering;
  const name = peeringName(peering);
  const localAsn = settings.localAsn ?? own.asn.value;
  const kind = peering.asn.value === localAsn ? 'ibgp' : 'ebgp';
  const secret = passwordOf(settings.password, name, cluster, environment);
  const times = timesOf(peering, name);
  const others = policies(family, kind, environment);
  const filters = (direction: Direction): readonly string[] =>
    filterPolicyNames(cluster, settings.filters, direction, family);
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
    importPolicy: [...filters('import'), ...others.import],
    exportPolicy: [...others.beforeExport, ...filters('export'), ...others.export],
    importEnd: 'accept',
    exportEnd: others.exportEnd,
  };
  return {
    value,
    endpoint: `${value.address} port ${value.port}`,
    get origins() {
      return peerOrigins(value, peering, own);
    },
    hold: secret.hold,
    needs: secret.needs,
    problems: [...secret.problems, ...times.problems],
  };
}

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
