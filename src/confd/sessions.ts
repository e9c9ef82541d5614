import type { PeerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import { Memo } from './memo.ts';
import { Order } from './order.ts';
import type { OwnNode } from './own-node.ts';
import { type PeerOutcome, type PolicyChoice, peerConfig } from './peer-config.ts';
import type { Peering } from './peering.ts';
import type { Traced } from './trace.ts';
import type { Environment, Hold, Need } from './types.ts';

export interface Sessions {
  readonly peers: readonly Traced<PeerConfig>[];
  /** The same without their origins. */
  readonly configs: readonly PeerConfig[];
  readonly held: readonly Hold[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

const outcomes = new Memo<Peering, PeerOutcome>();
const order = new Order<PeerOutcome>();

/** Peers by name. Of two peerings to one address and port the earlier in the list is used. */
export function sessionsOf(
  peerings: readonly Peering[],
  own: OwnNode,
  cluster: Cluster,
  environment: Environment,
  policies: PolicyChoice,
): Sessions {
  const { secrets, filters } = cluster;
  const inputs = [own, environment, policies, ...secrets.values(), ...filters.values()];
  const outcomeOf = outcomes.under(inputs, (peering) =>
    peerConfig(peering, own, cluster, environment, policies),
  );
  const problems: Problem[] = [];
  const byEndpoint = new Map<string, PeerOutcome>();
  for (const peering of peerings) {
    const outcome = outcomeOf(peering);
    const first = byEndpoint.get(outcome.endpoint);
    if (first === undefined) byEndpoint.set(outcome.endpoint, outcome);
    // That a BGPPeer describes a reflector's client as well is the usual case.
    else if (peering.type !== 'Client') problems.push(secondPeering(outcome, first));
  }
  const peers = order.sort(byEndpoint.values(), ({ value }) => value.name);
  // Of thousands few have more to say than their configuration.
  const special = peers.filter(
    ({ hold, needs, problems: own }) => hold !== undefined || needs.length + own.length > 0,
  );
  const needs = special.flatMap((at) => at.needs);
  return {
    peers,
    configs: peers.map(({ value }) => value),
    held: special.flatMap(({ hold }) => hold ?? []),
    needs: [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()],
    problems: [...problems, ...special.flatMap((at) => at.problems)],
  };
}

/** BIRD would run both sessions and let their connections fight. */
const secondPeering = ({ value, endpoint }: PeerOutcome, first: PeerOutcome): Problem => ({
  code: 'duplicate-peer',
  severity: 'warning',
  where: value.name,
  message: `leads to ${endpoint} as ${first.value.name} does, which is used`,
  cure: 'Disable the mesh, or remove the BGPPeer',
});
