import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue } from '../../src/kernel/queue.ts';

test('a queue gives what an array shifts, whatever comes in between', () => {
  const step = fc.oneof(fc.nat(9), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const queue = new Queue<number>();
      const array: number[] = [];
      for (const at of steps) {
        if (at === 'take') expect(queue.take()).toBe(array.shift());
        else {
          queue.push(at);
          array.push(at);
        }
        expect(queue.size).toBe(array.length);
      }
      queue.clear();
      expect(queue.take()).toBeUndefined();
    }),
  );
});
