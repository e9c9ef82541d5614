/** What a person may change of a running daemon; reached over the control socket only. */
export interface SpeakerControl {
  /** `peer` is a name. `text` is told to the peer where its session ends (RFC 9003). */
  clear(peer: string, how: ClearMode, text: string | undefined): Outcome;
  /** Leaves politely: see `Speaker.drain`; `wait` is seconds. */
  drain(wait: number, text: string | undefined): Outcome;
  /** Takes a drain back whose sessions have not ended yet. */
  cancelDrain(): Outcome;
  /** Takes deletions for real that are held back. */
  acceptDeletions(): Outcome;
}

/**
 * `hard` ends the session and begins it anew; `in` asks the peer for its routes once more, `out`
 * sends it ours.
 */
export type ClearMode = 'hard' | 'in' | 'out';

/** One line about what was begun, or why it cannot be done now and what to do instead. */
export type Outcome = Done | { readonly refused: string };

export interface Done {
  readonly done: string;
  /** Keys of the objects that it was done to. */
  readonly objects?: readonly string[];
}
