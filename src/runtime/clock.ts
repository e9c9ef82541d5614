/** A pending timer; `cancel` is idempotent and a cancelled timer never fires. */
export interface Timer {
  cancel(): void;
}

/** Time, injected everywhere: the process clock in production, virtual time in simulations. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; never affected by wall-clock steps. */
  now(): number;
  /** Wall-clock milliseconds since the Unix epoch, for display only. */
  wallTime(): number;
  /** Calls `fire` once after `delay` milliseconds. `name` identifies the timer in diagnostics. */
  setTimer(name: string, delay: number, fire: () => void): Timer;
  /** Calls `run` after the events that are already pending, without advancing time. */
  soon(run: () => void): void;
  /** Calls `run` right after the present call-back, before other events; absent where `soon` must do. */
  next?(run: () => void): void;
}
