import type { ExitCode, Io } from './io.ts';
import type { CommandLine, Syntax } from './options.ts';

/** A command of `bengal`. */
export interface Command {
  readonly syntax: Syntax;
  run(line: CommandLine, io: Io): Promise<ExitCode>;
}
