import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import { AcceptGate } from './accept-gate.ts';
import type { MemoryConnection } from './memory-connection.ts';
import { passwordFor } from './peer-key.ts';
import type { TransportReason } from './reasons.ts';
import {
  type AcceptLimits,
  DEFAULT_ACCEPT_LIMITS,
  type DialHandler,
  type DialOptions,
  type Endpoint,
  type KeyFault,
  type Listener,
  type ListenHandler,
  type PeerKey,
  type Transport,
  type TransportCounters,
} from './transport.ts';

/** The network as a host sees it. */
export interface HostNetwork {
  readonly clock: Clock;
  hostOf(address: string): MemoryTransport | undefined;
  cutBetween(a: string, b: string): 'reset' | 'silent' | undefined;
  /** One way, in milliseconds, with jitter. */
  delay(): number;
  join(client: Endpoint, server: Endpoint): { client: MemoryConnection; server: MemoryConnection };
  /** `leave` is called whenever `end` is admitted or gone. */
  guard(end: MemoryConnection, leave: () => void): void;
  carry(from: MemoryConnection, arrive: () => void): void;
}

/** First wait before an unanswered SYN is sent again; it doubles, as Linux does. In milliseconds. */
const SYN_RETRY = 1000;
/** SYNs sent before `timed-out`, which Linux reaches after 127 s. */
const SYN_TRIES = 7;
/** Of what a listening socket accepted, as in the `node:net` transport. */
const LISTENER_TTL = 255;
const FIRST_EPHEMERAL_PORT = 32768;
const LAST_PORT = 65535;

/** TCP of one host of a `MemoryNetwork`. */
export class MemoryTransport implements Transport {
  readonly #network: HostNetwork;
  readonly #addresses: readonly string[];
  readonly #gate: AcceptGate;
  readonly #listeners = new Map<string, ListenHandler>();
  #keys: readonly PeerKey[] = [];
  #nextPort = FIRST_EPHEMERAL_PORT;
  #dialed = 0;
  #dialsFailed = 0;

  constructor(
    network: HostNetwork,
    addresses: readonly string[],
    limits: AcceptLimits = DEFAULT_ACCEPT_LIMITS,
  ) {
    this.#network = network;
    this.#addresses = addresses;
    this.#gate = new AcceptGate(limits);
  }

  get counters(): TransportCounters {
    const { accepted, refusedTotal, refusedPerAddress, beforeOpen } = this.#gate;
    return {
      accepted,
      refusedTotal,
      refusedPerAddress,
      beforeOpen,
      acceptsFailed: 0,
      dialed: this.#dialed,
      dialsFailed: this.#dialsFailed,
    };
  }

  listen(local: Endpoint, handler: ListenHandler): Listener {
    const key = keyOf(local);
    const error = this.#refuseListen(local);
    let open = true;
    if (error === undefined) this.#listeners.set(key, handler);
    this.#network.clock.soon(() => {
      if (!open) return;
      if (error === undefined) handler.listening(local);
      else handler.failed(error);
    });
    return {
      close: () => {
        open = false;
        if (this.#listeners.get(key) === handler) this.#listeners.delete(key);
      },
    };
  }

  setKeys(keys: readonly PeerKey[]): readonly KeyFault[] {
    this.#keys = keys;
    return [];
  }

  /** The password that a SYN from `address` must have. */
  passwordFor(address: string): string | undefined {
    return passwordFor(this.#keys, address);
  }

  dial(options: DialOptions, handler: DialHandler): () => void {
    this.#dialed++;
    const attempt = new Attempt(this.#network, options, {
      connected: (connection) => handler.connected(connection),
      failed: (reason) => {
        this.#dialsFailed++;
        handler.failed(reason);
      },
    });
    const local = this.#localFor(options);
    if (local === undefined) attempt.fail(noLocalAddress(options));
    else attempt.knock(local, 0);
    return () => attempt.cancel();
  }

  /** Who listens on an address and port of this host. */
  listenerAt({ address, port }: Endpoint): ListenHandler | undefined {
    const any = address.includes(':') ? '::' : '0.0.0.0';
    return (
      this.#listeners.get(keyOf({ address, port })) ??
      this.#listeners.get(keyOf({ address: any, port })) ??
      this.#listeners.get(keyOf({ address: '::', port }))
    );
  }

  /** Gives `connection` to its listener, or closes it when a cap is met. */
  accept(connection: MemoryConnection, handler: ListenHandler): void {
    const leave = this.#gate.enter(connection.remote.address);
    if (leave === undefined) {
      connection.destroy();
      return;
    }
    this.#network.guard(connection, leave);
    handler.accepted(connection);
  }

  #refuseListen(local: Endpoint): BengalError | undefined {
    const where = `listen ${keyOf(local)}`;
    if (this.#listeners.has(keyOf(local))) {
      return new BengalError('port-in-use', 'the port is in use by this host', { where });
    }
    const any = local.address === '::' || local.address === '0.0.0.0';
    if (any || this.#addresses.includes(local.address)) return undefined;
    return new BengalError('no-such-address', 'the address is not on this host', { where });
  }

  #localFor({ localAddress, remote }: DialOptions): Endpoint | undefined {
    const address = localAddress ?? this.#addresses.find((own) => sameFamily(own, remote.address));
    if (address === undefined || !this.#addresses.includes(address)) return undefined;
    const port = this.#nextPort;
    this.#nextPort = port === LAST_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    return { address, port };
  }
}

/** One dial: SYNs until there is an answer, unless given up. */
class Attempt {
  readonly #network: HostNetwork;
  readonly #remote: Endpoint;
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  #over = false;

  constructor(network: HostNetwork, options: DialOptions, handler: DialHandler) {
    this.#network = network;
    this.#remote = options.remote;
    this.#options = options;
    this.#handler = handler;
  }

  cancel(): void {
    this.#over = true;
  }

  fail(reason: TransportReason): void {
    this.#later(this.#network.delay(), () => {
      this.#over = true;
      this.#handler.failed(reason);
    });
  }

  knock(local: Endpoint, tries: number): void {
    this.#later(this.#network.delay(), () => {
      switch (this.#network.cutBetween(local.address, this.#remote.address)) {
        case undefined:
          this.#arrive(local, tries);
          break;
        case 'reset':
          this.fail('unreachable');
          break;
        case 'silent':
          this.#again(local, tries);
          break;
      }
    });
  }

  #again(local: Endpoint, tries: number): void {
    this.#later(SYN_RETRY * 2 ** tries, () => {
      if (tries + 1 < SYN_TRIES) this.knock(local, tries + 1);
      else this.fail('timed-out');
    });
  }

  #arrive(local: Endpoint, tries: number): void {
    const host = this.#network.hostOf(this.#remote.address);
    const listener = host?.listenerAt(this.#remote);
    if (host === undefined || listener === undefined) {
      this.fail(host === undefined ? 'unreachable' : 'refused');
      return;
    }
    const { password } = this.#options;
    if (host.passwordFor(local.address) !== password) {
      this.#again(local, tries);
      return;
    }
    const { client, server } = this.#network.join(local, this.#remote);
    client.protect(this.#options);
    server.protect({ ttl: LISTENER_TTL, password });
    this.#network.guard(client, () => {
      if (!this.#over) this.fail('reset');
    });
    this.#network.carry(server, () => {
      if (this.#over) client.destroy();
      else {
        this.#over = true;
        this.#handler.connected(client);
      }
    });
    host.accept(server, listener);
  }

  #later(delay: number, run: () => void): void {
    this.#network.clock.setTimer('dial', delay, () => {
      if (!this.#over) run();
    });
  }
}

const noLocalAddress = ({ localAddress }: DialOptions): TransportReason =>
  localAddress === undefined ? 'unreachable' : 'local-address';

const sameFamily = (a: string, b: string): boolean => a.includes(':') === b.includes(':');

const keyOf = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
