import type { Resource } from '../datastore/datastore.ts';
import { EtcdWriter } from '../datastore/etcd/etcd-writer.ts';
import { type LoopbackPort, openTcpRelay, type TcpRelay } from '../linux/tcp-relay.ts';
import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Namespace, Namespaces } from './namespaces.ts';
import type { Program } from './program.ts';
import type { Access, ResourceStore } from './resource-store.ts';
import { capture } from './shell.ts';

/** Where etcd listens in its own namespace, and seems to listen in those of the members. */
const PORT = 2379;
/** Milliseconds that it may take to start, and between two looks whether it has. */
const PATIENCE = 20_000;
const LOOK = 100;

/**
 * A real etcd on the loopback of a namespace of its own. Relays lead to it from the loopback of
 * every member, so that no member has an address or a route more than with other datastores.
 */
export class LabEtcd implements ResourceStore {
  readonly #etcd: LoopbackPort;
  readonly #relays: TcpRelay[];
  readonly #writer: EtcdWriter;

  private constructor(etcd: LoopbackPort, own: TcpRelay, writer: EtcdWriter) {
    this.#etcd = etcd;
    this.#relays = [own];
    this.#writer = writer;
  }

  /** Throws a `BengalError` when etcd is not installed or does not start. */
  static async start(namespaces: Namespaces, clock: Clock): Promise<LabEtcd> {
    await refuseWithoutEtcd();
    const namespace = await namespaces.create('_etcd');
    const program = namespace.start('etcd', { argv: commandLine(namespace.folder) });
    const etcd = { namespace: fileOf(namespace), port: PORT };
    const own = await openTcpRelay({ namespace: undefined, port: 0 }, etcd);
    try {
      return new LabEtcd(etcd, own, await openWriter(own.port, program, clock));
    } catch (error) {
      own.close();
      throw error;
    }
  }

  get hint(): string {
    return `etcd listens on 127.0.0.1:${PORT} in each of them, here on 127.0.0.1:${this.#relays[0]?.port}`;
  }

  apply(resources: readonly Resource[]): Promise<void> {
    return this.#writer.apply(resources);
  }

  delete(key: string): Promise<void> {
    return this.#writer.delete(key);
  }

  async open(namespace: Namespace): Promise<Access> {
    const relay = await openTcpRelay({ namespace: fileOf(namespace), port: PORT }, this.#etcd);
    this.#relays.push(relay);
    const env = { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: `http://127.0.0.1:${PORT}` };
    return { options: [], env };
  }

  close(): void {
    this.#writer.close();
    for (const relay of this.#relays) relay.close();
  }
}

async function refuseWithoutEtcd(): Promise<void> {
  try {
    await capture(['etcd', '--version']);
  } catch (cause) {
    throw new BengalError('etcd-missing', 'the program etcd cannot be run', {
      where: 'option --datastore etcd',
      cure: 'Install it, in Debian the package etcd-server, and have it on PATH',
      cause,
    });
  }
}

/** One member that is its own cluster; nobody dials the peer port. */
function commandLine(folder: string): readonly string[] {
  const client = `http://127.0.0.1:${PORT}`;
  return [
    ...['etcd', '--name', 'lab', '--data-dir', `${folder}/data`],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', 'http://127.0.0.1:2380'],
  ];
}

/** Asks until etcd answers. */
async function openWriter(port: number, program: Program, clock: Clock): Promise<EtcdWriter> {
  const end = clock.now() + PATIENCE;
  for (;;) {
    try {
      return await EtcdWriter.open(`http://127.0.0.1:${port}`, clock);
    } catch (cause) {
      if (!program.running || clock.now() > end) throw startFailure(program, cause);
    }
    await new Promise<void>((resolve) => clock.setTimer('etcd', LOOK, resolve));
  }
}

function startFailure(program: Program, cause: unknown): BengalError {
  const [last = ''] = program.output().trim().split('\n').slice(-1);
  const state = program.running ? 'does not answer' : 'has ended';
  return new BengalError('etcd-start', `etcd ${state}: ${last}`, {
    where: 'option --datastore etcd',
    cure: 'Try `etcd` by itself and see what it says',
    cause,
  });
}

const fileOf = ({ name }: Namespace): string => `/run/netns/${name}`;
