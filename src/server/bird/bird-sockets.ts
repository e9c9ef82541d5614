import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Family } from '../../net/family.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { listenOnSocket } from '../control-socket.ts';
import type { SpeakerView } from '../view.ts';
import { BirdClient, type BirdLimits, DEFAULT_BIRD_LIMITS } from './bird-client.ts';
import type { HostInterface } from './show.ts';

/** BIRD 1.6 has one daemon, and one control socket, for each family. */
const SOCKETS: readonly (readonly [file: string, family: Family])[] = [
  ['bird.ctl', 'ipv4-unicast'],
  ['bird6.ctl', 'ipv6-unicast'],
];

/** The control sockets of a directory, where Calico's tools look for them. */
export const birdSocketFiles = (directory: string): readonly string[] =>
  SOCKETS.map(([file]) => path.join(directory, file));

export interface BirdSocketOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  readonly interfaces: () => readonly HostInterface[];
  readonly limits?: BirdLimits;
}

/** Both control sockets of BIRD 1.6, answered from one view. */
export class BirdSockets {
  readonly #options: BirdSocketOptions;
  readonly #servers: Server[] = [];
  readonly #clients = new Map<Server, Set<BirdClient>>();
  #view: SpeakerView | undefined;
  #configured = false;

  constructor(options: BirdSocketOptions) {
    this.#options = options;
  }

  /** Clients that are connected. */
  get clients(): number {
    return [...this.#clients.values()].reduce((sum, clients) => sum + clients.size, 0);
  }

  async open(): Promise<void> {
    try {
      for (const [file, family] of SOCKETS) {
        const server = this.#server(family);
        await listenOnSocket(server, path.join(this.#options.directory, file));
        this.#servers.push(server);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Answers from `view` from now on. */
  serve(view: SpeakerView): void {
    this.#view = view;
  }

  /** Closes every connection and removes the sockets. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const clients of this.#clients.values()) for (const client of clients) client.destroy();
  }

  #server(family: Family): Server {
    const { clock, logger, version, interfaces, limits = DEFAULT_BIRD_LIMITS } = this.#options;
    const clients = new Set<BirdClient>();
    const server = createServer((socket) => {
      const view = this.#view;
      if (view === undefined || !this.#isConfigured(view) || !hasRoom(clients, limits)) {
        socket.destroy();
        return;
      }
      const context = () => ({ view, family, now: clock.wallTime(), version, interfaces });
      const failed = (err: unknown): void => logger.error({ err, family }, 'bird command failed');
      const client = new BirdClient(socket, { clock, limits, context, failed });
      clients.add(client);
      socket.on('close', () => clients.delete(client));
    });
    this.#clients.set(server, clients);
    return server;
  }

  /** BIRD does not run before confd has written its configuration; here, nobody is answered. */
  #isConfigured(view: SpeakerView): boolean {
    const { state } = view.status();
    this.#configured ||= state === 'running' || state === 'restarting';
    return this.#configured;
  }
}

/** Makes room for one more: the oldest client that is asking nothing gives way to the new one. */
function hasRoom(clients: Set<BirdClient>, { clients: most }: BirdLimits): boolean {
  if (clients.size < most) return true;
  for (const client of clients) {
    if (client.answering) continue;
    clients.delete(client);
    client.destroy();
    return true;
  }
  return false;
}
