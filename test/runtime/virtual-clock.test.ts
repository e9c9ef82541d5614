import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlicedWork } from '../../src/runtime/sliced-work.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

describe('virtual time', () => {
  test('fires timers by time, then in the order in which they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (delays) => {
        const clock = new VirtualClock();
        const fired: [number, number][] = [];
        for (const [index, delay] of delays.entries()) {
          clock.setTimer('test', delay, () => fired.push([clock.now(), index]));
        }
        clock.advance(20);
        const expected = delays
          .map((delay, index): [number, number] => [delay, index])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(fired).toEqual(expected);
      }),
    );
  });

  test('a cancelled timer never fires, and cancelling late does nothing', () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    const cancelled = clock.setTimer('a', 5, () => fired.push('a'));
    const done = clock.setTimer('b', 1, () => fired.push('b'));
    clock.advance(2);
    cancelled.cancel();
    done.cancel();
    clock.advance(100);
    expect(fired).toEqual(['b']);
  });

  test('runUntil stops at the event that satisfies it', () => {
    const clock = new VirtualClock();
    let count = 0;
    const again = (): void => {
      count++;
      clock.setTimer('again', 10, again);
    };
    again();
    expect(clock.runUntil(() => count === 4, 1000)).toBe(true);
    expect(clock.now()).toBe(30);
    expect(clock.runUntil(() => count === 100, 50)).toBe(false);
  });
});

test('sliced work shares turns between tasks and lets other events in between', () => {
  const clock = new VirtualClock();
  const work = new SlicedWork(clock);
  const log: string[] = [];
  const task = (name: string, turns: number) => ({
    run: () => {
      log.push(name);
      return --turns > 0;
    },
  });
  work.add(task('a', 3));
  work.add(task('b', 2));
  clock.soon(() => log.push('event'));
  clock.advance(1);
  expect(log).toEqual(['a', 'b', 'event', 'a', 'b', 'a']);
  expect(work.idle).toBe(true);
});
