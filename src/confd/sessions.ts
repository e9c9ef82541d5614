import type { PeerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import type { OwnNode } from './own-node.ts';
import { type PolicyChoice, peerConfig } from './peer-config.ts';
import { type Peering, peeringName } from './peering.ts';
import { byText, type Traced } from './trace.ts';
import type { Environment, Hold, Need } from './types.ts';

export interface Sessions {
  readonly peers: readonly Traced<PeerConfig>[];
  /** The same without their origins. */
  readonly configs: readonly PeerConfig[];
  readonly held: readonly Hold[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Peers by name. Of two peerings to one address and port the earlier in the list is used. */
export function sessionsOf(
  peerings: readonly Peering[],
  own: OwnNode,
  cluster: Cluster,
  environment: Environment,
  policies: PolicyChoice,
): Sessions {
  const { kept, problems } = distinct(peerings);
  const outcomes = kept
    .map((peering) => peerConfig(peering, own, cluster, environment, policies))
    .sort((a, b) => byText(a.value.name, b.value.name));
  const needs = outcomes.flatMap((at) => at.needs);
  return {
    peers: outcomes,
    configs: outcomes.map(({ value }) => value),
    held: outcomes.flatMap(({ hold }) => (hold === undefined ? [] : [hold])),
    needs: [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()],
    problems: [...problems, ...outcomes.flatMap((at) => at.problems)],
  };
}

interface Distinct {
  readonly kept: readonly Peering[];
  readonly problems: readonly Problem[];
}

/** BIRD would run both sessions and let their connections fight. */
function distinct(peerings: readonly Peering[]): Distinct {
  const problems: Problem[] = [];
  const byEndpoint = new Map<string, Peering>();
  for (const peering of peerings) {
    const endpoint = `${peering.address} port ${peering.port?.value ?? 179}`;
    const first = byEndpoint.get(endpoint);
    if (first === undefined) byEndpoint.set(endpoint, peering);
    // That a BGPPeer describes a reflector's client as well is the usual case.
    else if (peering.type !== 'Client') problems.push(secondPeering(peering, first, endpoint));
  }
  return { kept: [...byEndpoint.values()], problems };
}

const secondPeering = (peering: Peering, first: Peering, endpoint: string): Problem => ({
  code: 'duplicate-peer',
  severity: 'warning',
  where: peeringName(peering),
  message: `leads to ${endpoint} as ${peeringName(first)} does, which is used`,
  cure: 'Disable the mesh, or remove the BGPPeer',
});
