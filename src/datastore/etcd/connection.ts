import type { Clock } from '../../runtime/clock.ts';
import { credentialsOf } from './credentials.ts';
import type { EtcdAccess } from './environment.ts';
import { EtcdFailure, failureOf } from './failure.ts';
import type { Call, Clients, GrpcError, Metadata, Unary, WatchStream } from './grpc.ts';
import type {
  Comparison,
  Operation,
  RangeRequest,
  RangeResponse,
  WatchRequest,
  WatchResponse,
} from './messages.ts';

/** What of etcd3 is in use: its messages and its way to make clients, but not its watcher. */
export type EtcdLibrary = Pick<typeof import('etcd3/lib/connection-pool.js'), 'ConnectionPool'>;

/** Milliseconds. */
export interface Keepalive {
  /** Between pings; etcd takes less than 5000 as an attack. */
  readonly time: number;
  /** Without an answer to a ping, after which the connection counts as dead. */
  readonly timeout: number;
}

export interface ConnectionOptions {
  readonly library: EtcdLibrary;
  readonly endpoint: string;
  readonly access: EtcdAccess;
  readonly clock: Clock;
  readonly keepalive: Keepalive;
}

export interface WatchHandler {
  response(response: WatchResponse): void;
  failed(failure: EtcdFailure): void;
}

const DEADLINE = 10_000;
const LARGEST_ANSWER = 16 * 1024 * 1024;

/** One connection to one etcd member, with one token. Whoever meets a failure opens another. */
export class EtcdConnection {
  readonly #options: ConnectionOptions;
  readonly #pool: InstanceType<EtcdLibrary['ConnectionPool']>;
  readonly #clients = new Set<{ close(): void }>();
  readonly #calls = new Set<Call>();
  #token: string | undefined;
  #closed = false;

  /** Throws an EtcdFailure when the certificate files cannot be read, or do not fit together. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#pool = poolOf(options);
  }

  /** Gets a token, if there is a user. As Calico, goes on without where etcd knows no users. */
  async authenticate(): Promise<void> {
    const { user } = this.#options.access;
    if (user === undefined) return;
    const { client, metadata } = await this.#service('Auth');
    try {
      const { token } = await this.#call(client.authenticate.bind(client), user, metadata);
      this.#token = token;
    } catch (error) {
      const unknown = /authentication is not enabled/;
      if (!(error instanceof EtcdFailure && unknown.test(error.message))) throw error;
    }
  }

  /** Rejects with an EtcdFailure. */
  async range(request: RangeRequest): Promise<RangeResponse> {
    const { client, metadata } = await this.#service('KV');
    return this.#call(client.range.bind(client), request, metadata);
  }

  /** Carries out all of it, or none; false when a comparison fails. Rejects with an EtcdFailure. */
  async transact(
    success: readonly Operation[],
    compare: readonly Comparison[] = [],
  ): Promise<boolean> {
    const { client, metadata } = await this.#service('KV');
    const request = { compare, success };
    return (await this.#call(client.txn.bind(client), request, metadata)).succeeded;
  }

  /** Watches until `failed`, which comes once, or until `close`. */
  async watch(requests: readonly WatchRequest[], handler: WatchHandler): Promise<void> {
    const { client, metadata } = await this.#service('Watch');
    // A member that lost its leader ends the watch instead of staying silent.
    metadata.set('hasleader', 'true');
    const stream = client.watch(metadata);
    this.#calls.add(stream);
    this.#listen(stream, handler);
    for (const request of requests) stream.write(request);
  }

  /** Ends every call; nothing is called back any more. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const call of this.#calls) call.cancel();
    for (const client of this.#clients) client.close();
  }

  #listen(stream: WatchStream, handler: WatchHandler): void {
    let over = false;
    const fail = (failure: EtcdFailure): void => {
      if (over || this.#closed) return;
      over = true;
      handler.failed(failure);
    };
    stream.on('data', (response) => {
      if (!over && !this.#closed) handler.response(response);
    });
    stream.on('error', (error) => fail(this.#failure(error)));
    stream.on('end', () =>
      fail(new EtcdFailure('etcd-unreachable', this.#options.endpoint, 'the watch ended')),
    );
  }

  async #service<Name extends keyof Clients>(
    name: Name,
  ): Promise<{ readonly client: Clients[Name]; readonly metadata: Metadata }> {
    const { client, metadata } = await this.#pool.withConnection(name, (connected) => connected);
    this.#clients.add(client);
    if (this.#closed) {
      client.close();
      throw new EtcdFailure('etcd-unreachable', this.#options.endpoint, 'closed');
    }
    if (this.#token !== undefined) metadata.set('token', this.#token);
    // etcd3 makes its clients from the protocol files at run time and gives them no types.
    return { client: client as unknown as Clients[Name], metadata };
  }

  #call<Request, Response>(
    method: Unary<Request, Response>,
    request: Request,
    metadata: Metadata,
  ): Promise<Response> {
    const deadline = this.#options.clock.wallTime() + DEADLINE;
    return new Promise((resolve, reject) => {
      const call = method(request, metadata, { deadline }, (error, response) => {
        this.#calls.delete(call);
        if (error === null) resolve(response);
        else reject(this.#failure(error));
      });
      this.#calls.add(call);
    });
  }

  #failure(error: GrpcError): EtcdFailure {
    const { code, details: said = error.message } = error;
    const details = said.replace(/\.? Resolution note: *$/, '');
    return failureOf(this.#options.endpoint, { code, details }, error);
  }
}

function poolOf({
  library,
  endpoint,
  access,
  keepalive,
}: ConnectionOptions): InstanceType<EtcdLibrary['ConnectionPool']> {
  const credentials = credentialsOf(endpoint, access);
  try {
    return new library.ConnectionPool({
      hosts: endpoint,
      ...(credentials !== undefined && { credentials }),
      grpcOptions: {
        'grpc.keepalive_time_ms': keepalive.time,
        'grpc.keepalive_timeout_ms': keepalive.timeout,
        'grpc.max_receive_message_length': LARGEST_ANSWER,
        'grpc.enable_channelz': 0,
      },
    });
  } catch (cause) {
    // Certificates are half rotated now and then: OpenSSL looks at them only here.
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new EtcdFailure('etcd-credentials', endpoint, cause.message, cause);
  }
}
