import type { ClearMode, Outcome, SpeakerControl } from '../../src/server/control.ts';

/** A control that notes what it is asked for, and answers as a test says. */
export class FakeControl implements SpeakerControl {
  readonly asked: string[] = [];
  outcome: Outcome = { done: 'begun' };

  clear(peer: string, how: ClearMode, text: string | undefined): Outcome {
    this.asked.push(['clear', peer, how, ...(text === undefined ? [] : [text])].join(' '));
    return this.outcome;
  }

  drain(wait: number, text: string | undefined): Outcome {
    this.asked.push(['drain', wait, ...(text === undefined ? [] : [text])].join(' '));
    return this.outcome;
  }

  cancelDrain(): Outcome {
    this.asked.push('cancel drain');
    return this.outcome;
  }

  acceptDeletions(): Outcome {
    this.asked.push('accept-deletion');
    return this.outcome;
  }
}
