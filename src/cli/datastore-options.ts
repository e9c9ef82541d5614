import type { Compat, Derived, Environment } from '../confd/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import { FileDatastore } from '../datastore/file/file-datastore.ts';
import type { SpeakerView } from '../server/view.ts';
import type { Daemon, DaemonContext } from './daemon.ts';
import type { Io } from './io.ts';
import { type CommandLine, type OptionSyntax, usage } from './options.ts';

const COMPAT: readonly Compat[] = ['v3.31', 'v3.32', 'v3.33'];

/** Where resources come from and how they are read. */
export const DATASTORE_OPTIONS: Readonly<Record<string, OptionSyntax>> = {
  datastore: {
    value: 'KIND',
    choices: ['file'],
    help: 'where the resources are; default DATASTORE_TYPE, else file',
  },
  path: { value: 'DIR', help: 'directory of resources' },
  compat: {
    value: 'VERSION',
    choices: COMPAT,
    help: 'Calico release to follow; default v3.33',
  },
};

/** The directory of resources that a command line names. */
export function directoryOf(line: CommandLine, io: Io): string {
  const kind = line.get('datastore') ?? io.env['DATASTORE_TYPE'];
  if (kind !== undefined && kind !== '' && kind !== 'file') {
    throw usage(`DATASTORE_TYPE: ${kind} is not supported; give --datastore file --path DIR`);
  }
  const directory = line.get('path');
  if (directory === undefined) throw usage('option --path DIR is missing');
  return directory;
}

/** What the derivation takes from options and environment. */
export const environmentOf = (line: CommandLine, { env }: Io): Environment => ({
  routerId: env['CALICO_ROUTER_ID'],
  secretNamespace: env['NAMESPACE'],
  compat: COMPAT.find((known) => known === line.get('compat')),
});

/** What runs a node or a reflector on a datastore. */
export type StartAgent = (options: AgentOptions, context: DaemonContext) => RunningAgent;

export interface AgentOptions {
  readonly command: 'node' | 'reflector';
  /** Node name, or router id of a reflector without a Node. */
  readonly name: string;
  readonly datastore: FileDatastore;
  readonly derive: (resources: Iterable<Resource>) => Derived;
}

export interface RunningAgent {
  readonly view: SpeakerView;
  /** Resolves once it listens, or has told in its log why it cannot. */
  readonly settled: Promise<void>;
  /** Ends without a word to peers and without touching the FIB. */
  stop(): void;
}

/** Starts an agent on the directory of resources; SIGHUP reads it again. */
export function startOnFiles(
  startAgent: StartAgent,
  directory: string,
  options: Omit<AgentOptions, 'datastore'>,
  context: DaemonContext,
): Daemon {
  const datastore = new FileDatastore({ directory, clock: context.clock });
  const agent = startAgent({ ...options, datastore }, context);
  return {
    view: agent.view,
    settled: agent.settled,
    reread: () => datastore.reread(),
    stop: () => agent.stop(),
  };
}
