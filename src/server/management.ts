import type { Server } from 'node:http';
import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ManagementState, ManagementStatus } from './api.ts';
import type { SpeakerControl } from './control.ts';
import { listenOnSocket } from './control-socket.ts';
import { DEFAULT_HTTP_LIMITS, type HttpLimits, httpService } from './http-service.ts';
import { LoopDelay } from './process-metrics.ts';
import type { MetricFamily, SpeakerView } from './view.ts';

/** Where to listen; `explicit` when a person asked for it, so that not having it is an error. */
export interface ManagementOptions {
  readonly http:
    | { readonly address: string; readonly port: number; readonly explicit: boolean }
    | undefined;
  readonly socket: { readonly path: string; readonly explicit: boolean } | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: HttpLimits;
  /** What went wrong before, for the status. */
  readonly warnings?: readonly string[];
}

/** The HTTP interface, on TCP and on the control socket. */
export class Management {
  readonly #state: MutableState;
  readonly #servers: readonly Server[];

  constructor(state: MutableState, servers: readonly Server[]) {
    this.#state = state;
    this.#servers = servers;
  }

  get status(): ManagementStatus {
    return this.#state.management;
  }

  /** Answers from `view` from now on; before, everything but `/livez` says that it is starting. */
  serve(view: SpeakerView, control?: SpeakerControl): void {
    this.#state.view = view;
    this.#state.control = control;
  }

  /** Closes every connection and removes the control socket. */
  close(): void {
    this.#state.loopDelay.close();
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

interface MutableState extends ManagementState {
  view: SpeakerView | undefined;
  control: SpeakerControl | undefined;
  management: ManagementStatus;
  readonly loopDelay: LoopDelay;
}

/**
 * Binds both places. What was not asked for explicitly and cannot be had is a warning, since
 * management never stops routing; otherwise the promise is rejected with a `BengalError`.
 */
export async function openManagement(options: ManagementOptions): Promise<Management> {
  const { clock, logger, limits = DEFAULT_HTTP_LIMITS, warnings = [] } = options;
  const loopDelay = new LoopDelay(clock);
  const metrics = (): MetricFamily[] => [loopDelay.family()];
  const state: MutableState = {
    view: undefined,
    control: undefined,
    management: { warnings },
    metrics,
    loopDelay,
  };
  const service = { state, clock, logger, limits };
  const servers: Server[] = [];
  const management = new Management(state, servers);
  const open = async (
    place: 'http' | 'socket',
    explicit: boolean,
    listen: (server: Server) => Promise<Partial<ManagementStatus>>,
  ): Promise<void> => {
    const server = httpService({ ...service, takesCommands: place === 'socket' });
    try {
      const bound = await listen(server);
      servers.push(server);
      state.management = { ...state.management, ...bound };
    } catch (error) {
      if (explicit || !(error instanceof BengalError)) throw error;
      logger.warn({ where: error.where, reason: error.message }, 'management is not available');
      const more = [...state.management.warnings, error.describe()];
      state.management = { ...state.management, warnings: more };
    }
  };
  try {
    const { http, socket } = options;
    if (http !== undefined)
      await open('http', http.explicit, (server) => listenOnTcp(server, http));
    if (socket !== undefined) {
      await open('socket', socket.explicit, async (server) => {
        await listenOnSocket(server, socket.path);
        return { socket: socket.path };
      });
    }
  } catch (error) {
    management.close();
    throw error;
  }
  return management;
}

function listenOnTcp(
  server: Server,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<Partial<ManagementStatus>> {
  const host = address.includes(':') ? `[${address}]` : address;
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(tcpError(`http ${host}:${port}`, error));
    };
    server.once('error', failed);
    server.listen({ host: address, port }, () => {
      server.off('error', failed);
      const bound = server.address();
      const own = bound !== null && typeof bound === 'object' ? bound.port : port;
      resolve({ http: `${host}:${own}` });
    });
  });
}

function tcpError(where: string, error: NodeJS.ErrnoException): BengalError {
  const cure = 'choose another with --http ADDR:PORT, or --http off';
  const message =
    error.code === 'EADDRINUSE'
      ? 'the port is in use by another process'
      : `cannot be listened on: ${error.code ?? error.message}`;
  return new BengalError('http-not-available', message, { where, cure, cause: error });
}
