import type { AcceptLimits } from './transport.ts';

/** Counts accepted connections that have not shown an OPEN yet, in total and by address. */
export class AcceptGate {
  readonly #limits: AcceptLimits;
  readonly #byAddress = new Map<string, number>();
  accepted = 0;
  refusedTotal = 0;
  refusedPerAddress = 0;
  beforeOpen = 0;

  constructor(limits: AcceptLimits) {
    this.#limits = limits;
  }

  /** The idempotent function that gives the place back, or undefined when a cap is met. */
  enter(address: string): (() => void) | undefined {
    const here = this.#byAddress.get(address) ?? 0;
    if (this.beforeOpen >= this.#limits.total) {
      this.refusedTotal++;
      return undefined;
    }
    if (here >= this.#limits.perAddress) {
      this.refusedPerAddress++;
      return undefined;
    }
    this.accepted++;
    this.beforeOpen++;
    this.#byAddress.set(address, here + 1);
    let inside = true;
    return () => {
      if (inside) this.#leave(address);
      inside = false;
    };
  }

  #leave(address: string): void {
    this.beforeOpen--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
