import { cpus } from 'node:os';

/** Everything that belongs to the daemon on the first core, the generator on the second. */
export const DAEMON_CORE = 0;
export const GENERATOR_CORE = 1;

/** A command on one core alone; anywhere, where there is only one. */
export const onCore = (core: number, command: readonly string[]): readonly string[] =>
  cpus().length > 1 ? ['taskset', '-c', String(core), ...command] : command;
