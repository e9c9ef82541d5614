import type { Io, Signal } from '../../src/cli/io.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { processClock } from '../../src/runtime/process-clock.ts';

/** A process of a test: what it wrote, how it was ended, and signals on demand. */
export class FakeIo implements Io {
  env: Record<string, string | undefined> = {};
  clock: Clock = processClock;
  input: AsyncIterable<string> = lines();
  program: string[] = ['node', 'main.js'];
  runDirectory = '/nonexistent';
  stateDirectory = '/nonexistent';
  calicoDirectory = '/nonexistent';
  birdDirectory = '/nonexistent';
  colour = false;
  out = '';
  readonly complaints: string[] = [];
  readonly exits: number[] = [];
  readonly #handlers: ((signal: Signal) => void)[] = [];

  write = async (text: string | Uint8Array): Promise<void> => {
    this.out += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  };

  complain(line: string): void {
    this.complaints.push(line);
  }

  onSignal(handler: (signal: Signal) => void): void {
    this.#handlers.push(handler);
  }

  onExit(): void {}

  exit(code: number): void {
    this.exits.push(code);
  }

  signal(signal: Signal): void {
    for (const handler of this.#handlers) handler(signal);
  }

  get lines(): string[] {
    return this.out.trimEnd().split('\n');
  }
}

/** Standard input that comes in these pieces. */
export async function* lines(...parts: string[]): AsyncGenerator<string> {
  yield* parts;
}
