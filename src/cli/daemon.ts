import { canonicalAddress } from '../net/address.ts';
import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { SpeakerControl } from '../server/control.ts';
import { type Management, type ManagementOptions, openManagement } from '../server/management.ts';
import type { SpeakerView } from '../server/view.ts';
import { type BirdPlace, openBirdSockets } from './bird-place.ts';
import { type DaemonLog, LOG_LEVELS, openLog } from './daemon-log.ts';
import type { ExitCode, Io } from './io.ts';
import { type CommandLine, type OptionSyntax, usage } from './options.ts';
import { packageVersion } from './package-version.ts';

/** A running node, reflector or speaker. */
export interface Daemon {
  readonly view: SpeakerView;
  readonly control: SpeakerControl;
  /** Resolves once it listens everywhere; until then the log tells why it cannot. */
  readonly settled: Promise<void>;
  /** Reads files again (SIGHUP). */
  reread(): void;
  /** Ends without a word to peers and without touching the FIB (design decision 8). */
  stop(): Promise<void>;
}

/** What a daemon is given to start with. */
export interface DaemonContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** Whether who hands routes on may rehearse it. */
  readonly rehearses: boolean;
  /** Sets the threshold of the log, unless LOG_LEVEL was given. */
  setLogLevel(level: string): void;
}

export interface DaemonOptions {
  readonly command: 'node' | 'reflector' | 'speaker';
  /** Node name or router id: part of the default control socket. */
  readonly name: string;
  readonly start: (context: DaemonContext) => Daemon;
  /** Where BIRD's control sockets are to be; absent where nobody wants them. */
  readonly bird?: BirdPlace;
  /** For tests; default JSON lines on standard output. */
  readonly openLog?: (level: string, io: Io) => DaemonLog;
}

const DEFAULT_HTTP = { address: '127.0.0.1', port: 7179 };

/** The options that every daemon has. */
export const DAEMON_OPTIONS: Readonly<Record<string, OptionSyntax>> = {
  socket: {
    value: 'PATH',
    help: 'control socket; default BENGAL_SOCKET, or one named after the daemon in /run/bengal',
  },
  http: {
    value: 'ADDR:PORT|off',
    help: 'read-only HTTP for probes, metrics and the API; default 127.0.0.1:7179',
  },
  rehearsal: {
    value: 'on|off',
    help: 'whether a reflector or speaker warms up in the quiet after its start; default on',
  },
};

/** Runs a daemon in the foreground until a signal ends it. */
export async function runDaemon(
  options: DaemonOptions,
  line: CommandLine,
  io: Io,
): Promise<ExitCode> {
  const places = placesOf(options, line, io);
  const level = logLevelOf(io);
  const rehearses = rehearsalOf(line);
  const log = (options.openLog ?? openLog)(level ?? 'info', io);
  const signals = new Signals(io, log);
  const { sockets: bird, warnings } = await openBirdSockets(options.bird, io.clock, log);
  const common = { clock: io.clock, logger: log, warnings };
  const management = await openManagement({ ...places, ...common }).catch((error: unknown) => {
    bird?.close();
    throw error;
  });
  const context: DaemonContext = {
    clock: io.clock,
    logger: log,
    version: packageVersion(),
    rehearses,
    setLogLevel: (wanted) => {
      if (level === undefined) log.level = wanted;
    },
  };
  const close = (): void => {
    management.close();
    bird?.close();
  };
  const daemon = started(options, context, close);
  signals.reread = () => daemon.reread();
  management.serve(daemon.view, daemon.control);
  bird?.serve(daemon.view);
  const ended = signals.ended.then(() => 'ended' as const);
  const first = await Promise.race([daemon.settled, ended]);
  if (first !== 'ended') announce(options, daemon, management, log);
  await ended;
  await daemon.stop();
  close();
  return 0;
}

function started(options: DaemonOptions, context: DaemonContext, close: () => void): Daemon {
  try {
    return options.start(context);
  } catch (error) {
    close();
    throw error;
  }
}

function announce(
  { command, name }: DaemonOptions,
  { view }: Daemon,
  management: Management,
  log: Logger,
): void {
  const { http, socket } = management.status;
  const { listening } = view.status();
  log.info({ command, name, listening, http, socket }, 'ready');
}

/** SIGHUP reads files again; SIGTERM and SIGINT end, the second of them at once. */
class Signals {
  reread = (): void => {};
  readonly ended: Promise<void>;

  constructor(io: Io, log: Logger) {
    let ending = false;
    this.ended = new Promise((resolve) => {
      io.onSignal((signal) => {
        if (signal === 'SIGHUP') {
          log.info({ signal }, 'reading files again');
          this.reread();
        } else if (ending) io.exit(0);
        else {
          ending = true;
          log.info({ signal }, 'ending; peers are not told');
          resolve();
        }
      });
    });
  }
}

function placesOf(
  { command, name }: DaemonOptions,
  line: CommandLine,
  io: Io,
): Pick<ManagementOptions, 'http' | 'socket'> {
  const socket = line.get('socket') ?? io.env['BENGAL_SOCKET'] ?? '';
  const file = `${io.runDirectory}/${command}-${name.replaceAll('/', '_')}.sock`;
  return {
    socket: socket === '' ? { path: file, explicit: false } : { path: socket, explicit: true },
    http: httpPlace(line.get('http')),
  };
}

function rehearsalOf(line: CommandLine): boolean {
  const text = line.get('rehearsal') ?? 'on';
  if (text === 'on' || text === 'off') return text === 'on';
  throw usage(`option --rehearsal: ${text} is neither on nor off`);
}

function httpPlace(text: string | undefined): ManagementOptions['http'] {
  if (text === undefined) return { ...DEFAULT_HTTP, explicit: false };
  if (text === 'off') return undefined;
  return { ...parseEndpoint('http', text, undefined), explicit: true };
}

/** An address and port of option `name`, as `10.0.0.1:179`, `[fd00::1]:179`, or a bare address. */
export function parseEndpoint(
  name: string,
  text: string,
  defaultPort: number | undefined,
): { address: string; port: number } {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const bare = match === null ? text : (match.groups?.['six'] ?? match.groups?.['four'] ?? '');
  const address = canonicalAddress(bare);
  const portText = match?.groups?.['port'];
  const port = portText === undefined ? defaultPort : Number(portText);
  if (address !== undefined && port !== undefined && port <= 65535) return { address, port };
  throw usage(`option --${name}: ${text} is not ADDR:PORT, as 127.0.0.1:7179 or [::1]:7179`);
}

function logLevelOf({ env }: Io): string | undefined {
  const level = env['LOG_LEVEL']?.toLowerCase();
  if (level === undefined || level === '') return undefined;
  if (LOG_LEVELS.includes(level)) return level;
  throw new BengalError('wrong-value', `${level} is not one of ${LOG_LEVELS.join(', ')}`, {
    where: 'environment LOG_LEVEL',
  });
}
