import { pino } from 'pino';
import type { Logger } from '../runtime/logger.ts';

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

/** JSON lines on standard output, written at once, so that the last words before an exit are there. */
export function openLog(level: string): DaemonLog {
  const output = pino.destination({ dest: 1, sync: true });
  // A log that nobody reads any more must not end the routing.
  output.on('error', () => {});
  return logTo(output, level);
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
