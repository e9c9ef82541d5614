import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';

/**
 * 0 healthy; 1 usage or configuration error, nothing was started or changed; 2 it works but
 * something asked about is down, missing or malformed; 3 the daemon cannot be reached; 4 refused
 * by a safety rail.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** The process as a command sees it. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly input: AsyncIterable<Buffer | string>;
  /** The command line that starts bengal, without arguments. */
  readonly program: readonly string[];
  /** Where daemons put their control sockets unless told otherwise. */
  readonly runDirectory: string;
  /** Where a reflector keeps its last good state unless told otherwise. */
  readonly stateDirectory: string;
  /** Where Calico's tools look for BIRD's control sockets. */
  readonly calicoDirectory: string;
  /** Where a BIRD that is not Calico's has its control socket. */
  readonly birdDirectory: string;
  /** Colours are welcome: a terminal, and no NO_COLOR. */
  readonly colour: boolean;
  /** Resolves when the reader of standard output takes more. */
  write(text: string | Uint8Array): Promise<void>;
  /** One line on standard error. */
  complain(line: string): void;
  onSignal(handler: (signal: Signal) => void): void;
  /** Called when the process ends, also by an uncaught error; nothing may be left for later. */
  onExit(handler: () => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** An error with the exit code that the command line's contract gives it. */
export class CommandError extends BengalError {
  override readonly name = 'CommandError';
  readonly exit: ExitCode;

  constructor(
    exit: ExitCode,
    code: string,
    message: string,
    details: { where?: string; cure?: string; cause?: unknown } = {},
  ) {
    super(code, message, details);
    this.exit = exit;
  }
}
