import { NodeDerivation } from '../confd/derive.ts';
import type { Resource, StatusDatastore } from '../datastore/datastore.ts';
import { BIRD_OPTION, birdPlaceOf } from './bird-place.ts';
import { BMP_OPTIONS, collectorsOf } from './bmp-options.ts';
import type { Command } from './command.ts';
import { DAEMON_OPTIONS, type DaemonOptions, runDaemon } from './daemon.ts';
import {
  DATASTORE_OPTIONS,
  datastoreOf,
  environmentOf,
  type OpenedDatastore,
  type StartAgent,
  startOnDatastore,
  withWorkloads,
} from './datastore-options.ts';
import { REPORT_NODE_STATUS, withNodeStatus } from './node-status.ts';
import { usage } from './options.ts';
import { SAFETY_OPTIONS, safetyOf } from './safety-options.ts';

/** `bengal node`, over the function that starts an agent, which is loaded only when it is wanted. */
export const nodeCommand = (
  load: () => Promise<StartAgent>,
  openLog?: DaemonOptions['openLog'],
): Command => ({
  syntax: {
    name: 'node',
    summary: "A node's BGP: its FIB, and peers from the datastore.",
    operands: '',
    count: [0, 0],
    options: {
      node: { value: 'NAME', help: 'name of this node; default NODENAME' },
      'bird-socket': BIRD_OPTION,
      'report-node-status': REPORT_NODE_STATUS,
      ...DATASTORE_OPTIONS,
      ...SAFETY_OPTIONS,
      ...BMP_OPTIONS,
      ...DAEMON_OPTIONS,
    },
  },
  run: async (line, io) => {
    const name = line.get('node') ?? io.env['NODENAME'] ?? '';
    if (name === '') throw usage('NODENAME is not set, and option --node NAME is missing');
    const open = withWorkloads(await datastoreOf(line, io), io);
    const environment = environmentOf(line, io);
    const derivation = new NodeDerivation(name, environment);
    const agent = {
      command: 'node' as const,
      name,
      derive: (resources: Iterable<Resource>) => derivation.derive(resources),
      safety: safetyOf(line, io, 'off'),
      collectors: collectorsOf(line, io),
    };
    const startAgent = await load();
    const start: DaemonOptions['start'] = (context) => {
      const opened = open(context.clock);
      const store = line.has('report-node-status') ? statusesOf(opened) : undefined;
      const daemon = startOnDatastore(startAgent, opened, agent, context);
      return store === undefined ? daemon : withNodeStatus(daemon, name, store, context);
    };
    const bird = birdPlaceOf(line, io);
    const options = { command: agent.command, name, start, ...(bird !== undefined && { bird }) };
    return runDaemon(openLog === undefined ? options : { ...options, openLog }, line, io);
  },
});

function statusesOf({ openStatuses }: OpenedDatastore): StatusDatastore {
  if (openStatuses !== undefined) return openStatuses();
  throw usage('option --report-node-status needs a datastore of Kubernetes or etcd');
}
