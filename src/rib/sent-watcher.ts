import type { Member } from './member.ts';

/** Whoever follows what one member is sent. */
export interface SentWatcher {
  readonly member: Member;
  /** A prefix was judged; with `changed`, something other than before is sent for it. */
  touch(prefix: number, changed: boolean): void;
  /** The member came to another group: anything may have changed. */
  touchAll(): void;
}
