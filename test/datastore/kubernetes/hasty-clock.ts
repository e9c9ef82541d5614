import type { Clock } from '../../../src/runtime/clock.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';

/** Real time, but pauses before another attempt are written down and cut short. */
export class HastyClock implements Clock {
  /** Milliseconds that were asked for before each further attempt. */
  readonly pauses: number[] = [];
  readonly now: Clock['now'] = processClock.now;
  readonly wallTime: Clock['wallTime'] = processClock.wallTime;
  readonly soon: Clock['soon'] = processClock.soon;

  setTimer(name: string, delay: number, fire: () => void): ReturnType<Clock['setTimer']> {
    if (name !== 'kubernetes-retry') return processClock.setTimer(name, delay, fire);
    this.pauses.push(delay);
    return processClock.setTimer(name, 10, fire);
  }
}
