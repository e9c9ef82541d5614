import type { PeerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Family } from '../net/family.ts';
import type { Cluster } from './cluster.ts';
import type { OwnNode } from './own-node.ts';
import { type Peering, peeringName } from './peering.ts';
import { builtIn, type Origins, type Traced } from './trace.ts';
import type { Environment, Hold, Need, Origin } from './types.ts';

/** The policies of sessions of a kind. */
export type SessionPolicies = Pick<PeerConfig, 'importPolicy' | 'exportPolicy' | 'exportEnd'>;

/** Chooses the policies of a session. */
export type PolicyChoice = (family: Family, kind: 'ibgp' | 'ebgp') => SessionPolicies;

export interface PeerOutcome extends Traced<PeerConfig> {
  readonly hold: Hold | undefined;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

const BGP_PORT = 179;
const HOLD_TIME = 240;
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
  const secret = passwordOf(peering, name, cluster, environment);
  const restart = restartTimeOf(peering, name);
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
    reflectorClient: kind === 'ibgp' && isClient(peering, own),
    families: [family],
    holdTime: HOLD_TIME,
    keepaliveTime: settings.keepaliveTime,
    connectRetryTime: 5,
    errorWait: { min: 5, max: 30 },
    password: secret.password,
    multihop: MULTIHOP,
    ttlSecurity: settings.ttlSecurity,
    nextHop: nextHopOf(peering, kind),
    addPath: { send: true, receive: true },
    gracefulRestart: { restartTime: restart.time },
    prefixLimit: undefined,
    asSet: 'accept',
    ...policies(family, kind),
    importEnd: 'accept',
  };
  return {
    value,
    origins: originsOf(peering, own),
    hold: secret.hold,
    needs: secret.needs,
    problems: [...secret.problems, ...restart.problems],
  };
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

function restartTimeOf(
  { settings: { restartTime = RESTART_TIME }, origin }: Peering,
  name: string,
): { readonly time: number; readonly problems: readonly Problem[] } {
  if (restartTime <= MAX_RESTART_TIME) return { time: restartTime, problems: [] };
  const problem: Problem = {
    code: 'value-clamped',
    severity: 'warning',
    where: `${origin.resource ?? 'BGPConfiguration//default'}, maxRestartTime`,
    message: `${name} cannot announce a restart time of ${restartTime} s; ${MAX_RESTART_TIME} s is used`,
    cure: `Give ${MAX_RESTART_TIME}s at most`,
  };
  return { time: MAX_RESTART_TIME, problems: [problem] };
}

interface Secret {
  readonly password: PeerConfig['password'];
  readonly hold: Hold | undefined;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** A peer whose password is not known is held down: a session without it would be unprotected. */
function passwordOf(
  { settings }: Peering,
  peer: string,
  { secrets }: Cluster,
  environment: Environment,
): Secret {
  if (settings.password === undefined)
    return { password: undefined, hold: undefined, needs: [], problems: [] };
  const { name, key } = settings.password;
  const namespace = environment.secretNamespace || 'kube-system';
  const needs: readonly Need[] = [{ kind: 'Secret', namespace, name }];
  const value = secrets.get(`${namespace}/${name}`)?.data.get(key);
  if (value !== undefined && value !== '')
    return { password: { value }, hold: undefined, needs, problems: [] };
  const reason = `its password is not known: no key ${key} in Secret ${namespace}/${name}`;
  const problem: Problem = {
    code: 'secret-unknown',
    severity: 'error',
    where: `Secret ${namespace}/${name}, ${key}`,
    message: 'is missing or empty; peers that ask for this password are held down',
    cure: `Create Secret ${name} with key ${key} in namespace ${namespace}`,
  };
  return { password: undefined, hold: { peer, reason }, needs, problems: [problem] };
}

function originsOf(peering: Peering, own: OwnNode): Origins {
  const { origin, asn, port, settings } = peering;
  const rules: Record<string, Origin> = {
    '': origin,
    '/asn': asn.origin,
    '/localAsn': own.asn.origin,
    '/port': port?.origin ?? builtIn("BGP's own port"),
  };
  if (peering.passive)
    rules['/passive'] = { ...origin, rule: 'the side with the greater address text waits' };
  if (own.clusterId !== undefined) rules['/reflectorClient'] = own.clusterId.origin;
  return { ...rules, ...settings.origins };
}
