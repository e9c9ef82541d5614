import { pino } from 'pino';
import type { Logger } from '../runtime/logger.ts';
import { BoundedOutput } from './bounded-output.ts';
import type { Io } from './io.ts';
import { standardOutput } from './standard-output.ts';

/** A logger whose threshold may change while it runs. */
export interface DaemonLog extends Logger {
  level: string;
}

export interface LogOutput {
  /** One whole line. */
  write(line: string): void;
}

export const LOG_LEVELS: readonly string[] = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
];

/** Octets of log that wait for its reader at most. */
const BOUND = 4 * 1024 * 1024;

/**
 * JSON lines on standard output, written at once where its reader takes them. Where not, nothing
 * waits: see `BoundedOutput`. What is left is written when the process ends.
 */
export function openLog(level: string, io: Io): DaemonLog {
  const output = new BoundedOutput({
    bound: BOUND,
    clock: io.clock,
    write: standardOutput(),
    // As grave as anything that may have been lost, so that no threshold hides it.
    lost: (lines) => log.error({ lines }, 'lines of this log are lost: nobody read them'),
  });
  const log = logTo(output, level);
  io.onExit(() => output.finish());
  return log;
}

export const logTo = (output: LogOutput, level: string): DaemonLog =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
