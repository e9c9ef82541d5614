import type { Cluster } from './cluster.ts';
import type { Derived, Environment } from './types.ts';

/** What the environment says, else the node, else the cluster; above info nothing more is logged. */
export function logLevelOf(
  cluster: Cluster,
  nodeName: string,
  { logSeverity }: Environment,
): Derived['logLevel'] {
  const own = cluster.nodeConfigurations.get(nodeName)?.logSeverity;
  const asked = (logSeverity ?? '').toLowerCase();
  const severity = asked || (own ?? cluster.global?.logSeverity ?? 'info');
  return severity === 'debug' || severity === 'info' ? severity : 'none';
}
