import { expect, test } from 'vitest';
import { BoundedOutput } from '../../src/cli/bounded-output.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

/** A reader that takes what fits, and an output of at most `bound` waiting octets. */
function setUp(bound: number) {
  const clock = new VirtualClock();
  const reader = { room: Number.POSITIVE_INFINITY, text: '', tries: 0, refusal: 'EAGAIN' };
  const output: BoundedOutput = new BoundedOutput({
    bound,
    clock,
    write: (bytes) => {
      reader.tries++;
      const taken = bytes.subarray(0, reader.room);
      if (taken.length === 0) throw Object.assign(new Error(), { code: reader.refusal });
      reader.room -= taken.length;
      reader.text += taken.toString('latin1');
      return taken.length;
    },
    lost: (lines) => output.write(`lost ${lines}\n`),
  });
  return { clock, reader, output };
}

test('a line is written before write returns', () => {
  const { reader, output } = setUp(10);
  output.write('one\n');
  output.write('two\n');
  expect(reader.text).toBe('one\ntwo\n');
});

test('what the reader does not take waits in order, also half a line of octets', () => {
  const { clock, reader, output } = setUp(100);
  reader.room = 2;
  output.write('ähm\n');
  output.write('two\n');
  reader.room = 3;
  clock.advance(1000);
  expect(reader.text).toBe(Buffer.from('ähm\n').toString('latin1'));
  reader.room = Number.POSITIVE_INFINITY;
  output.write('three\n');
  clock.advance(1000);
  expect(Buffer.from(reader.text, 'latin1').toString()).toBe('ähm\ntwo\nthree\n');
});

test('a reader that takes nothing is tried by time, not by lines', () => {
  const { clock, reader, output } = setUp(1000);
  reader.room = 0;
  for (let n = 0; n < 50; n++) output.write(`${n}\n`);
  expect(reader.tries).toBe(1);
  clock.advance(3_600_000);
  expect(reader.tries).toBeLessThan(8000);
});

test('lines beyond the bound are lost and counted, and told once in their place', () => {
  const { clock, reader, output } = setUp(10);
  reader.room = 0;
  for (const line of ['1234\n', '5678\n', '90\n', 'lost\n', 'lost\n']) output.write(line);
  // Room, but more than half of the bound waits: what comes now is still one of the lost.
  reader.room = 7;
  clock.advance(1000);
  output.write('lost\n');
  reader.room = Number.POSITIVE_INFINITY;
  clock.advance(1000);
  output.write('after\n');
  clock.advance(1000);
  expect(reader.text).toBe('1234\n5678\n90\nlost 3\nafter\n');
});

test.each(['EAGAIN', 'EPIPE', 'ENOSPC'])('%s is no error, and may pass', (refusal) => {
  const { clock, reader, output } = setUp(10);
  Object.assign(reader, { room: 0, refusal });
  output.write('one\n');
  reader.room = 100;
  clock.advance(1000);
  expect(reader.text).toBe('one\n');
});

test('the end waits for a reader that comes back, and tells it of what was lost', () => {
  const { reader, output } = setUp(10);
  reader.room = 0;
  for (const line of ['12345678901\n', 'lost\n', 'lost\n']) output.write(line);
  let looks = 0;
  Object.defineProperty(reader, 'room', { get: () => (++looks > 3 ? 100 : 0), set: () => {} });
  output.finish();
  expect(reader.text).toBe('12345678901\nlost 2\n');
});

test('the end does not wait for ever, nor for a reader that left', () => {
  const { reader, output } = setUp(10);
  reader.room = 0;
  output.write('one\n');
  output.finish();
  const stalled = reader.tries;
  expect(stalled).toBeGreaterThan(2);
  reader.refusal = 'EPIPE';
  output.finish();
  expect(reader.tries).toBe(stalled + 1);
});
