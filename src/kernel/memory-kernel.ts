import type { Clock } from '../runtime/clock.ts';
import type { Kernel, KernelListener, KernelRoute, ProgramDone, ProgramError } from './kernel.ts';
import type { FibWatcher, MemoryFib } from './memory-fib.ts';

/** One process's sight of a `MemoryFib`; requests and events keep one order, on later turns. */
export class MemoryKernel implements Kernel {
  readonly #fib: MemoryFib;
  readonly #clock: Clock;
  #queue: (() => void)[] = [];
  #watcher: FibWatcher | undefined;
  #closed = false;

  constructor(fib: MemoryFib, clock: Clock) {
    this.#fib = fib;
    this.#clock = clock;
  }

  start(listener: KernelListener): void {
    this.#clock.soon(() => {
      if (this.#closed) return;
      this.#watcher = {
        link: (link, gone) => this.#later(() => listener.link(link, gone)),
        address: (address, gone) => this.#later(() => listener.address(address, gone)),
        route: (route, gone) => this.#later(() => listener.route(route, gone)),
      };
      this.#fib.watch(this.#watcher);
      this.#later(() => listener.synchronised());
    });
  }

  add(route: KernelRoute, done: ProgramDone): void {
    this.#request(() => this.#fib.add(route), done);
  }

  replace(route: KernelRoute, done: ProgramDone): void {
    this.#request(() => this.#fib.replace(route), done);
  }

  remove(route: KernelRoute, done: ProgramDone): void {
    this.#request(() => this.#fib.remove(route), done);
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    if (this.#watcher !== undefined) this.#fib.unwatch(this.#watcher);
  }

  #request(run: () => ProgramError | undefined, done: ProgramDone): void {
    this.#clock.soon(() => {
      if (this.#closed) return;
      const error = this.#fib.takeFailure() ?? run();
      this.#later(() => done(error));
    });
  }

  #later(call: () => void): void {
    if (this.#queue.push(call) === 1) this.#clock.soon(() => this.#flush());
  }

  #flush(): void {
    const calls = this.#queue;
    this.#queue = [];
    for (const call of calls) {
      if (this.#closed) return;
      call();
    }
  }
}
