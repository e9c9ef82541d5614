import type { Member, Plan } from './plan.ts';

/** Milliseconds between the echo requests of a flow. */
export const ECHO_INTERVAL = 50;
/** Milliseconds after which an answer that has not come counts as lost. */
export const ECHO_PATIENCE = 2000;

/** Echo requests from one pod to another. */
export interface Flow {
  readonly member: string;
  readonly from: string;
  readonly to: string;
}

export interface FlowCounts {
  readonly sent: number;
  readonly answered: number;
  /** Unanswered since the first answer; what was sent before there was a way does not count. */
  readonly lost: number;
}

export interface EchoReport extends Flow, FlowCounts {}

/** From every node to every other of the family, such that each of its pods is tried. */
export function flowsOf({ members }: Plan): readonly Flow[] {
  const nodes = members.filter(({ blocks }) => blocks.length > 0);
  return nodes.flatMap((member) =>
    nodes.filter((other) => other !== member).flatMap((other) => flowsBetween(member, other)),
  );
}

function flowsBetween(member: Member, other: Member): readonly Flow[] {
  return (['ipv4-unicast', 'ipv6-unicast'] as const).flatMap((family) => {
    const own = podsOf(member, family);
    const theirs = podsOf(other, family);
    if (own.length === 0 || theirs.length === 0) return [];
    const count = Math.max(own.length, theirs.length);
    return Array.from({ length: count }, (_, index) => ({
      member: member.name,
      from: own[index % own.length] ?? '',
      to: theirs[index % theirs.length] ?? '',
    }));
  });
}

/** Addresses of the pods that BGP leads to. */
const podsOf = ({ blocks }: Member, family: string): readonly string[] =>
  blocks.filter((at) => at.family === family && at.programmed).flatMap(({ pods }) => pods);

/** Keeps the account of a flow. Times are milliseconds of one clock. */
export class FlowCounter {
  readonly #waiting = new Map<number, number>();
  #sent = 0;
  #answered = 0;
  #lost = 0;
  /** Number of the first request that was answered. */
  #first = Number.POSITIVE_INFINITY;

  /** A request leaves; its number comes back with the answer. */
  sent(now: number): number {
    this.#waiting.set(++this.#sent, now);
    return this.#sent;
  }

  answered(number: number): void {
    if (!this.#waiting.delete(number)) return;
    if (this.#answered++ === 0) this.#first = number;
  }

  /** Gives up what has waited too long. */
  expire(now: number): void {
    for (const [number, at] of this.#waiting) {
      if (now - at < ECHO_PATIENCE) return;
      this.#waiting.delete(number);
      if (number > this.#first) this.#lost++;
    }
  }

  get counts(): FlowCounts {
    return { sent: this.#sent, answered: this.#answered, lost: this.#lost };
  }
}
