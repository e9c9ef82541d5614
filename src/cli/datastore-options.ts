import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Compat, Derived, Environment, Need } from '../confd/types.ts';
import type { BmpConfig } from '../config/types.ts';
import { CombinedDatastore } from '../datastore/combined-datastore.ts';
import type { Datastore, Resource, StatusDatastore } from '../datastore/datastore.ts';
import { EndpointStatusDatastore } from '../datastore/endpoint-status/endpoint-status-datastore.ts';
import { endpointStatusDirectory } from '../datastore/endpoint-status/status-files.ts';
import { FileDatastore } from '../datastore/file/file-datastore.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Random, seededRandom } from '../runtime/random.ts';
import type { SpeakerControl } from '../server/control.ts';
import type { SpeakerView } from '../server/view.ts';
import type { Daemon, DaemonContext } from './daemon.ts';
import type { Io } from './io.ts';
import { type CommandLine, type OptionSyntax, usage } from './options.ts';
import type { Safety } from './safety-options.ts';

const COMPAT: readonly Compat[] = ['v3.31', 'v3.32', 'v3.33'];

/** Where resources come from and how they are read. */
export const DATASTORE_OPTIONS: Readonly<Record<string, OptionSyntax>> = {
  datastore: {
    value: 'KIND',
    choices: ['file', 'kubernetes', 'etcd'],
    help: 'where the resources are; default DATASTORE_TYPE, else etcd if ETCD_ENDPOINTS is set, else file',
  },
  path: { value: 'DIR', help: 'directory of resources, with --datastore file' },
  compat: {
    value: 'VERSION',
    choices: COMPAT,
    help: 'Calico release to follow; default v3.33',
  },
  'missing-secret': {
    value: 'WHAT',
    choices: ['connect', 'hold'],
    help: 'a peer whose password is not known: connect without, as Calico does, or hold it down; default connect',
  },
};

/** A datastore that has not been started, and what only some kinds can do. */
export interface OpenedDatastore {
  readonly datastore: Datastore;
  /** Where it is, as `etcd https://10.0.0.1:2379`. */
  readonly place: string;
  /** Looks at once for what it would find later by itself (SIGHUP). */
  readonly reread: () => void;
  /** Follows also what a derivation asks for; out of sync until it has been looked for. */
  readonly need: (needs: readonly Need[]) => void;
  /** Milliseconds that the first snapshot may take; 0 when it comes with the start. */
  readonly patience: number;
  /** The CalicoNodeStatus objects beside it; absent where nobody could ask for one. */
  readonly openStatuses?: () => StatusDatastore;
}

export type OpenDatastore = (clock: Clock) => OpenedDatastore;

const NETWORK_PATIENCE = 15_000;

/** The datastore that a command line and the environment name; loads its rooms. */
export async function datastoreOf(line: CommandLine, io: Io): Promise<OpenDatastore> {
  const kind = kindOf(line, io);
  switch (kind) {
    case 'file':
      return openFiles(directoryOf(line));
    case 'kubernetes':
      return openKubernetes(io);
    case 'etcd':
    case 'etcdv3':
      return openEtcd(line, io);
    default:
      throw usage(`DATASTORE_TYPE: ${kind} is not supported; give --datastore file --path DIR`);
  }
}

/** As Calico, etcd where its endpoints are set and nothing else is said. */
function kindOf(line: CommandLine, { env }: Io): string {
  const kind = line.get('datastore') || env['DATASTORE_TYPE'] || '';
  if (kind !== '') return kind;
  const endpoints = env['CALICO_ETCD_ENDPOINTS'] || env['ETCD_ENDPOINTS'] || '';
  return line.has('path') || endpoints === '' ? 'file' : 'etcd';
}

function directoryOf(line: CommandLine): string {
  const directory = line.get('path');
  if (directory === undefined) throw usage('option --path DIR is missing');
  return directory;
}

async function openFiles(directory: string): Promise<OpenDatastore> {
  const { isOpenForWriting } = await import('../linux/open-for-writing.ts');
  return (clock) => {
    const datastore = new FileDatastore({ directory, clock, isOpenForWriting });
    const place = `files ${path.resolve(directory)}`;
    return { datastore, place, reread: () => datastore.reread(), need: () => {}, patience: 0 };
  };
}

async function openKubernetes({ env }: Io): Promise<OpenDatastore> {
  const { accessFromEnvironment, groupFromEnvironment } = await import(
    '../datastore/kubernetes/environment.ts'
  );
  const { KubernetesDatastore } = await import('../datastore/kubernetes/kubernetes-datastore.ts');
  const { NODE_STATUSES } = await import('../datastore/kubernetes/kinds.ts');
  const access = accessFromEnvironment(env);
  const group = groupFromEnvironment(env);
  return (clock) => {
    const datastore = new KubernetesDatastore({ access, clock, random: newRandom(), group });
    return {
      datastore,
      place: `kubernetes ${access.name}`,
      reread: () => {},
      need: (needs) => datastore.need(needs),
      openStatuses: () =>
        new KubernetesDatastore({
          access,
          clock,
          random: newRandom(),
          group,
          kinds: [NODE_STATUSES],
        }),
      patience: NETWORK_PATIENCE,
    };
  };
}

async function openEtcd(line: CommandLine, { env }: Io): Promise<OpenDatastore> {
  const { etcdFromEnvironment } = await import('../datastore/etcd/environment.ts');
  const { EtcdDatastore } = await import('../datastore/etcd/etcd-datastore.ts');
  const { NODE_STATUS_PREFIX, prefixesOf } = await import('../datastore/etcd/keys.ts');
  const access = etcdFromEnvironment(env);
  const openBeside = await besideEtcd(env);
  const node = line.get('node') ?? env['NODENAME'] ?? '';
  const prefixes = prefixesOf(node === '' ? 'none' : { node });
  return (clock) => {
    const etcd = new EtcdDatastore({ access, prefixes, clock, random: newRandom() });
    const beside = openBeside(clock);
    return {
      datastore: new CombinedDatastore([etcd, beside]),
      place: `etcd ${access.endpoints.join(',')}`,
      reread: () => {},
      need: (needs) => beside.need(needs),
      openStatuses: () =>
        new EtcdDatastore({ access, prefixes: [NODE_STATUS_PREFIX], clock, random: newRandom() }),
      patience: NETWORK_PATIENCE,
    };
  };
}

/** Services, EndpointSlices and Secrets are never in etcd: an API server has them, if one is named. */
async function besideEtcd(
  env: Io['env'],
): Promise<(clock: Clock) => Datastore & Pick<OpenedDatastore, 'need'>> {
  const { accessBesideEtcd } = await import('../datastore/kubernetes/environment.ts');
  const access = accessBesideEtcd(env);
  if (access === undefined) {
    const { NoApiServer } = await import('../datastore/kubernetes/no-api-server.ts');
    return () => new NoApiServer();
  }
  const { KubernetesDatastore } = await import('../datastore/kubernetes/kubernetes-datastore.ts');
  return (clock) => new KubernetesDatastore({ access, clock, random: newRandom(), kinds: [] });
}

const newRandom = (): Random => seededRandom(randomBytes(4).readUInt32BE());

/** A node's datastore together with the workloads on this machine that want to peer with it. */
export const withWorkloads =
  (open: OpenDatastore, { env }: Io): OpenDatastore =>
  (clock) => {
    const directory = endpointStatusDirectory(env['CALICO_ENDPOINT_STATUS_PATH_PREFIX']);
    const opened = open(clock);
    const workloads = new EndpointStatusDatastore({ directory, clock });
    return { ...opened, datastore: new CombinedDatastore([opened.datastore, workloads]) };
  };

/** What the derivation takes from options and environment. */
export const environmentOf = (line: CommandLine, { env }: Io): Environment => ({
  routerId: env['CALICO_ROUTER_ID'],
  secretNamespace: env['NAMESPACE'],
  logSeverity: env['BGP_LOGSEVERITYSCREEN'],
  advertiseClusterIps: env['CALICO_ADVERTISE_CLUSTER_IPS'],
  kubernetesNodeName: env['CALICO_K8S_NODE_REF'],
  usePodCidr: env['USE_POD_CIDR'] === 'true',
  missingSecret: line.get('missing-secret') === 'hold' ? 'hold' : 'connect',
  compat: COMPAT.find((known) => known === line.get('compat')),
});

/** What runs a node or a reflector on a datastore. */
export type StartAgent = (options: AgentOptions, context: DaemonContext) => RunningAgent;

export interface AgentOptions {
  readonly command: 'node' | 'reflector';
  /** Node name, or router id of a reflector without a Node. */
  readonly name: string;
  readonly datastore: Datastore;
  /** Where that is, as `etcd https://10.0.0.1:2379`. */
  readonly place: string;
  readonly derive: (resources: Iterable<Resource>) => Derived;
  /** Has the datastore follow what a derivation asks for. */
  readonly need: (needs: readonly Need[]) => void;
  readonly safety: Safety;
  /** BMP collectors, beside what is derived. */
  readonly collectors: readonly BmpConfig[];
}

export interface RunningAgent {
  readonly view: SpeakerView;
  readonly control: SpeakerControl;
  /** Resolves once it listens, or has told in its log why it cannot. */
  readonly settled: Promise<void>;
  /** Ends without a word to peers and without touching the FIB. */
  stop(): Promise<void>;
}

/** Starts an agent on a datastore, which follows whatever its derivations ask for. */
export function startOnDatastore(
  startAgent: StartAgent,
  { datastore, place, reread, need }: OpenedDatastore,
  options: Omit<AgentOptions, 'datastore' | 'place' | 'need'>,
  context: DaemonContext,
): Daemon {
  const running = startAgent({ ...options, datastore, place, need }, context);
  const { view, control, settled, stop } = running;
  return { view, control, settled, reread, stop };
}
