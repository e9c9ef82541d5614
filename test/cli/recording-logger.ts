import type { DaemonLog } from '../../src/cli/daemon-log.ts';

interface Entry {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Keeps what is logged. */
export class RecordingLogger implements DaemonLog {
  level = 'info';
  readonly entries: Entry[] = [];

  debug(fields: object, msg: string): void {
    this.entries.push({ ...fields, level: 'debug', msg });
  }

  info(fields: object, msg: string): void {
    this.entries.push({ ...fields, level: 'info', msg });
  }

  warn(fields: object, msg: string): void {
    this.entries.push({ ...fields, level: 'warn', msg });
  }

  error(fields: object, msg: string): void {
    this.entries.push({ ...fields, level: 'error', msg });
  }

  child(): DaemonLog {
    return this;
  }
}
