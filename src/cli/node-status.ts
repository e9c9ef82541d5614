import { NodeStatusReporter } from '../agent/node-status-reporter.ts';
import type { StatusDatastore } from '../datastore/datastore.ts';
import { nodeStatusCollector } from '../server/bird/node-status.ts';
import type { Daemon, DaemonContext } from './daemon.ts';
import type { OptionSyntax } from './options.ts';

export const REPORT_NODE_STATUS: OptionSyntax = {
  help: "answer CalicoNodeStatus objects in place of calico-node's reporter, which must not run then",
};

/** A node that also answers the CalicoNodeStatus objects of `store`. */
export function withNodeStatus(
  daemon: Daemon,
  node: string,
  store: StatusDatastore,
  { clock, logger, version }: DaemonContext,
): Daemon {
  const collect = nodeStatusCollector(daemon.view, version, clock);
  const reporter = new NodeStatusReporter({ node, store, collect, clock, logger });
  reporter.start();
  void daemon.settled.then(() => reporter.refresh());
  return {
    ...daemon,
    stop: () => {
      reporter.stop();
      return daemon.stop();
    },
  };
}
