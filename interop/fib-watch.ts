import type { Host, Program } from './runner.ts';

/** Writes down what happens to a host's FIB from now on. */
export class FibWatch {
  readonly #program: Program;

  constructor(host: Host, log: string) {
    this.#program = host.start(log, ['ip', '-o', 'monitor', 'route']);
  }

  /** Which of `prefixes` were taken out of the FIB, if only for a moment. */
  removed(prefixes: Iterable<string>): readonly string[] {
    const gone = this.#program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('Deleted '));
    return [...prefixes].filter((prefix) => gone.some((line) => line.includes(` ${prefix} `)));
  }
}
