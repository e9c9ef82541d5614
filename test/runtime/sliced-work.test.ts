import { expect, test } from 'vitest';
import { SlicedWork, type Task } from '../../src/runtime/sliced-work.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

/** A clock that stands still but for the work that says how long it takes. */
class WorkingClock extends VirtualClock {
  spent = 0;

  override now(): number {
    return super.now() + this.spent;
  }
}

/** Takes `cost` milliseconds a turn, whatever its deadline, and has work for so many turns. */
const stubborn = (clock: WorkingClock, cost: number, turns: number, done: () => void): Task => {
  let left = turns;
  return {
    run: () => {
      clock.spent += cost;
      done();
      return --left > 0;
    },
  };
};

test('a thousand tasks take turns, and no turn is much longer than a slice', () => {
  const clock = new WorkingClock();
  const work = new SlicedWork(clock, 4);
  const runs = new Map<number, number>();
  for (let index = 0; index < 1000; index++) {
    const count = (): void => void runs.set(index, (runs.get(index) ?? 0) + 1);
    work.add(stubborn(clock, 1, 3, count));
  }
  let longest = 0;
  while (!work.idle) {
    const before = clock.spent;
    let turn = false;
    clock.soon(() => {
      turn = true;
    });
    clock.runUntil(() => turn, 0);
    longest = Math.max(longest, clock.spent - before);
    const counts = [...runs.values()];
    // Nobody comes again before everybody had a turn.
    if (runs.size === 1000) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(2);
  }
  expect(longest).toBeLessThanOrEqual(8);
  expect([...runs.values()].every((count) => count === 3)).toBe(true);
});

test('what comes after a rest need not wait for other events, what comes right behind it does', () => {
  const clock = new WorkingClock();
  const at: string[] = [];
  const ready: (() => void)[] = [];
  const work = new SlicedWork(Object.assign(clock, { next: (run: () => void) => ready.push(run) }));
  const task = (name: string): Task => stubborn(clock, 0, 1, () => at.push(name));
  const events = (): void => {
    for (const run of ready.splice(0)) run();
    at.push('other events');
    clock.advance(0);
  };
  work.add(task('first'));
  events();
  work.add(task('second'));
  events();
  clock.advance(10);
  work.add(task('third'));
  events();
  const rounds = [
    ['first', 'other events'],
    ['other events', 'second'],
    ['third', 'other events'],
  ];
  expect(at).toEqual(rounds.flat());
});

test('other events come between the turns of long work', () => {
  const clock = new WorkingClock();
  const at: string[] = [];
  const ready: (() => void)[] = [];
  const work = new SlicedWork(Object.assign(clock, { next: (run: () => void) => ready.push(run) }));
  work.add(stubborn(clock, 4, 3, () => at.push('work')));
  for (let round = 0; round < 3; round++) {
    for (let run = ready.shift(); run !== undefined; run = ready.shift()) run();
    let passed = false;
    clock.soon(() => {
      at.push('other events');
      passed = true;
    });
    clock.runUntil(() => passed, 0);
  }
  expect(at.slice(0, 4)).toEqual(['work', 'work', 'other events', 'work']);
});

test('a flush does the first change after a rest at once, and nothing that comes right behind it', () => {
  const clock = new WorkingClock();
  const at: string[] = [];
  const work = new SlicedWork(clock);
  const task = (name: string): Task => stubborn(clock, 0, 1, () => at.push(name));
  work.flush();
  work.add(task('first'));
  work.flush();
  work.flush();
  at.push('flushed');
  work.add(task('second'));
  work.flush();
  at.push('other events');
  clock.advance(0);
  expect(at).toEqual(['first', 'flushed', 'other events', 'second']);
});
