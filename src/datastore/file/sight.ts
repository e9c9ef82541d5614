/** Milliseconds for which a file must look the same. */
export interface Waits {
  /** Before what it adds is taken, if nobody has it open for writing; 5 by default. */
  readonly quiet: number;
  /** Before it is taken as it is, if nobody is known to have it open for writing; 100 by default. */
  readonly settle: number;
  /** Before it is taken as it is although somebody has; 2000 by default. */
  readonly patience: number;
}

/** How a file looks, and what was taken of it in this state. */
export interface Sight {
  /** Undefined: there is none any more. */
  readonly signature: string | undefined;
  /** Monotonic milliseconds at which it was first seen so. */
  readonly since: number;
  /** What it adds was taken, or is not to be had before it has settled. */
  tried: boolean;
  /** The text of which that was taken. */
  text: string | undefined;
  /** Everything was taken: nothing is left to do until it looks otherwise. */
  done: boolean;
}

export const seenAt = (since: number, signature: string | undefined): Sight => ({
  signature,
  since,
  tried: false,
  text: undefined,
  done: false,
});

/** Milliseconds until it is worth another look, longer and longer while somebody writes. */
export function nextLook({ since, tried, done }: Sight, now: number, waits: Waits): number {
  const { quiet, settle } = waits;
  const age = now - since;
  if (done) return Number.POSITIVE_INFINITY;
  if (age < quiet) return quiet - age;
  if (age < settle) return tried ? settle - age : Math.min(settle - age, age);
  return settle;
}
