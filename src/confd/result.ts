import type { KernelConfig, ListenConfig, NetworkConfig, Rule } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import type { OwnNode } from './own-node.ts';
import type { Sessions } from './sessions.ts';
import { below, byText, type Traced, traceList } from './trace.ts';
import type { Derived, Need, Origin } from './types.ts';

/** Everything that a derivation is put together from. */
export interface Parts {
  readonly own: OwnNode;
  readonly listen: readonly Traced<ListenConfig>[];
  readonly kernel: Traced<KernelConfig> | undefined;
  readonly networks: readonly Traced<NetworkConfig>[];
  readonly policies: ReadonlyMap<string, readonly Traced<Rule>[]>;
  readonly sessions: Sessions;
  readonly logLevel: Derived['logLevel'];
  /** Beside what the sessions need. */
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Puts the parts together, each value's origin at its place. */
export function result(parts: Parts): Derived {
  const { own, sessions } = parts;
  const listen = traceList(parts.listen);
  const networks = traceList(parts.networks);
  const policies = [...parts.policies]
    .sort(([a], [b]) => byText(a, b))
    .map(([name, rules]) => ({ name, rules: traceList(rules) }));
  const origins: Readonly<Record<string, Origin>> = {
    '/asn': own.asn.origin,
    '/routerId': own.routerId.origin,
    ...(own.clusterId && { '/clusterId': own.clusterId.origin }),
    ...below('/listen', listen.origins),
    ...below('/kernel', parts.kernel?.origins ?? {}),
    ...below('/networks', networks.origins),
    ...below('/peers', sessions.peers.origins),
    ...Object.assign(
      {},
      ...policies.map(({ name, rules }) => below(`/policies/${name}`, rules.origins)),
    ),
  };
  return {
    config: {
      asn: own.asn.value,
      routerId: own.routerId.value,
      clusterId: own.clusterId?.value,
      listen: listen.value,
      kernel: parts.kernel?.value,
      networks: networks.value,
      policies: Object.fromEntries(policies.map(({ name, rules }) => [name, rules.value])),
      peers: sessions.peers.value,
      dynamicPeers: [],
    },
    held: sessions.held,
    logLevel: parts.logLevel,
    provenance: new Map(Object.entries(origins)),
    problems: distinct([...parts.problems, ...sessions.problems]),
    needs: [...parts.needs, ...sessions.needs],
  };
}

/** For a node that is not there: nothing to configure, and everything that is wrong all the same. */
export function withoutConfig(cluster: Cluster, nodeName: string): Derived {
  const missing: Problem = {
    code: 'node-unknown',
    severity: 'error',
    where: `Node ${nodeName}`,
    message: 'is not in the datastore, or not valid; nothing is derived for it',
    cure: 'Create the Node, or correct NODENAME',
  };
  return {
    config: undefined,
    held: [],
    logLevel: 'info',
    provenance: new Map(),
    problems: [missing, ...cluster.problems],
    needs: [],
  };
}

const distinct = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((at) => [`${at.where}\n${at.message}`, at])).values(),
];
