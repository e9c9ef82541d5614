import type { Cluster } from './cluster.ts';
import type { Derived } from './types.ts';

/** The node's logSeverityScreen, else the cluster's; whatever is above info logs nothing more. */
export function logLevelOf(cluster: Cluster, nodeName: string): Derived['logLevel'] {
  const own = cluster.nodeConfigurations.get(nodeName)?.logSeverity;
  const severity = own ?? cluster.global?.logSeverity ?? 'info';
  return severity === 'debug' || severity === 'info' ? severity : 'none';
}
