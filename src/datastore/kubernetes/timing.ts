/** How long things may take, in milliseconds. */
export interface Timing {
  /** Without a byte of an answer. */
  readonly patience: number;
  /** Without a line of a watch, after which it is begun anew. */
  readonly quiet: number;
  /** Of failures in a row, after which they are a problem that is told. */
  readonly toldAfter: number;
  /** Of failures in a row, after which the view of a kind counts as stale; Calico's 600 s by default. */
  readonly lostAfter: number;
  /** That a kind is waited for which a derivation asks for, before it goes on without. */
  readonly wanted: number;
  /** Between looks at a kind that the server does not know. */
  readonly missing: number;
}

export const DEFAULT_TIMING: Timing = {
  patience: 60_000,
  quiet: 180_000,
  toldAfter: 10_000,
  lostAfter: 600_000,
  wanted: 5_000,
  missing: 60_000,
};

/** A watch shorter than this that told nothing is a fault: it must not be begun anew at once. */
export const SHORT_WATCH = 1000;

/** Seconds that a watch is asked to last: this, and up to as much again. */
export const WATCH_SECONDS = 300;

/** Watches in a row without a line, after which the kind is listed in case its version is wrong. */
export const SILENT_WATCHES = 4;
