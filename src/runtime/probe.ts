/**
 * Where rooms report what happens. The recorder, BMP and metrics implement it and the composition
 * root plugs them in; every method has a no-op default, so that a room never tests for presence.
 */
export interface Probe {
  /** A whole BGP message (header included) received from or sent to `peer`. `bytes` is borrowed. */
  message(direction: 'in' | 'out', peer: string, bytes: Uint8Array): void;
  /** One FSM transition of `peer`, with the reason in words. */
  sessionStep(peer: string, from: string, to: string, reason: string): void;
  /** A datastore object appeared, changed or vanished. */
  resourceChange(key: string, change: 'put' | 'delete'): void;
  /** A kernel route event or a programming action, with its reason code's name. */
  kernelEvent(action: string, prefix: string, reason: string): void;
  /** The best path of a prefix moved; `reason` is the decision's reason code. */
  bestPath(prefix: string, reason: number): void;
  /** True when someone listens to `message` or `bestPath`, whose arguments cost something to make. */
  readonly detailed: boolean;
  /** True when someone listens to `kernelEvent`. */
  readonly watchesKernel: boolean;
}

const ignore = (): void => {};

export const silentProbe: Probe = {
  message: ignore,
  sessionStep: ignore,
  resourceChange: ignore,
  kernelEvent: ignore,
  bestPath: ignore,
  detailed: false,
  watchesKernel: false,
};
