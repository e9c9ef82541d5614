import type { GroupTable } from './group-table.ts';
import type { Lap } from './member.ts';

/** Ids looked at in one step. */
const STEP = 32768;

/** Goes round and round over what a group has sent, for the members that joined it. */
export class RoundWalk {
  #prefix = 1;
  #round = 0;

  /** Where the lap of a member begins that joins now. */
  get here(): Lap {
    return { round: this.#round, prefix: this.#prefix };
  }

  /** True when it has come round to where a lap began. */
  hasPassed({ round, prefix }: Lap): boolean {
    return this.#round > round + 1 || (this.#round === round + 1 && this.#prefix >= prefix);
  }

  /** Gathers what was sent of the next prefixes, `most` changes at most. */
  step(routes: GroupTable, limit: number, most: number): void {
    const end = Math.min(limit, this.#prefix + STEP);
    while (this.#prefix < end && routes.packed < most) routes.repeat(this.#prefix++);
    if (this.#prefix < limit) return;
    this.#prefix = 1;
    this.#round++;
  }
}
