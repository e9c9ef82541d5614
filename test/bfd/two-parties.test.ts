import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionSettings } from '../../src/bfd/session-state.ts';
import { A, B, every, Pair } from './support.ts';

const settings: fc.Arbitrary<SessionSettings> = fc
  .tuple(
    fc.integer({ min: 100, max: 3000 }),
    fc.integer({ min: 100, max: 3000 }),
    fc.integer({ min: 1, max: 10 }),
  )
  .map(([tx, rx, multiplier]) => every(tx, rx, multiplier));

const seed = fc.nat(0xffffff);

const both = ({ a, b }: Pair) => [a.status.state, b.status.state];

/** Milliseconds after which an end notices silence. */
const detection = (mine: SessionSettings, theirs: SessionSettings): number =>
  (theirs.detectMultiplier * Math.max(mine.requiredMinRx, theirs.desiredMinTx)) / 1000;

describe('two ends', () => {
  test('come up, agree on the pace and stay up, whatever is configured', () => {
    fc.assert(
      fc.property(seed, settings, settings, (random, mine, theirs) => {
        const pair = new Pair(random, { jitter: 5 });
        pair.a.open(mine);
        pair.b.open(theirs);
        pair.seconds(20);
        expect(both(pair)).toEqual(['up', 'up']);
        const flapless = [pair.a.moves, pair.b.moves];
        pair.seconds(300);
        expect([pair.a.moves, pair.b.moves]).toEqual(flapless);
        expect(pair.a.status).toMatchObject({
          transmitInterval: Math.max(mine.desiredMinTx, theirs.requiredMinRx) / 1000,
          detectionTime: detection(mine, theirs),
        });
      }),
    );
  });

  test('come up on a link that loses a third of the packets', () => {
    fc.assert(
      fc.property(seed, (random) => {
        const pair = new Pair(random, { loss: 0.33, jitter: 50 });
        pair.a.open(every(300, 300, 20));
        pair.b.open(every(300, 300, 20));
        pair.seconds(60);
        expect(both(pair)).toEqual(['up', 'up']);
      }),
    );
  });

  test('change their timers at any moment without a flap', () => {
    const changes = fc.array(fc.tuple(fc.constantFrom('a', 'b'), settings, fc.nat(4000)), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(seed, changes, (random, run) => {
        const pair = Pair.up(every(300, 300, 3), every(300, 300, 3), random);
        const before = [pair.a.moves, pair.b.moves];
        for (const [who, wanted, wait] of run) {
          pair[who === 'a' ? 'a' : 'b'].configure(wanted);
          pair.clock.advance(wait);
        }
        pair.seconds(60);
        expect([pair.a.moves, pair.b.moves]).toEqual(before);
      }),
    );
  });

  test('notice within the detection time that nothing comes any more, and not before', () => {
    fc.assert(
      fc.property(seed, settings, settings, (random, mine, theirs) => {
        const pair = Pair.up(mine, theirs, random);
        pair.seconds(30);
        pair.network.cut(B, A);
        const time = detection(mine, theirs);
        const interval = Math.max(theirs.desiredMinTx, mine.requiredMinRx) / 1000;
        pair.clock.advance(time - interval - 2);
        expect(pair.a.status.state).toBe('up');
        pair.clock.advance(interval + 4);
        expect(pair.a.status).toMatchObject({ state: 'down', reason: 'detection-time-expired' });
        pair.clock.advance(2);
        expect(pair.b.moves).toContain('down: neighbor-signaled-down');
      }),
    );
  });

  test('come up again when the link does', () => {
    const pair = Pair.up(every(300, 300, 3), every(300, 300, 3));
    pair.network.cut(A, B);
    pair.network.cut(B, A);
    pair.seconds(30);
    expect(both(pair)).toEqual(['down', 'down']);
    pair.network.restore(A, B);
    pair.network.restore(B, A);
    pair.seconds(5);
    expect(both(pair)).toEqual(['up', 'up']);
  });

  test('stay down on a link that carries packets one way only', () => {
    const pair = new Pair();
    pair.network.cut(A, B);
    pair.a.open(every(300, 300, 3));
    pair.b.open(every(300, 300, 3));
    pair.seconds(60);
    expect([pair.a.moves, pair.b.moves].flat().filter((move) => move.startsWith('up'))).toEqual([]);
  });

  test('come up again after the process at one end was replaced', () => {
    fc.assert(
      fc.property(seed, fc.nat(5000), (random, moment) => {
        const pair = Pair.up(every(300, 300, 3), every(300, 300, 3), random);
        pair.clock.advance(moment);
        pair.restartB(every(300, 300, 3));
        pair.seconds(10);
        expect(both(pair)).toEqual(['up', 'up']);
      }),
    );
  });
});

describe('an end that is switched off', () => {
  test('says so until the other must have heard it, and then nothing more', () => {
    const pair = Pair.up(every(300, 300, 3), every(300, 300, 3));
    pair.b.close();
    pair.clock.advance(5);
    expect(pair.a.status).toMatchObject({
      state: 'down',
      reason: 'neighbor-admin-down',
      remoteState: 'admin-down',
      remoteDiagnostic: 7,
    });
    pair.seconds(2);
    expect(pair.a.status.remoteState).toBe('admin-down');
    pair.seconds(10);
    expect(pair.a.status.remoteState).toBeUndefined();
  });

  test('may be switched on again at any moment', () => {
    fc.assert(
      fc.property(seed, fc.nat(8000), (random, pause) => {
        const pair = Pair.up(every(300, 300, 3), every(300, 300, 3), random);
        pair.b.close();
        pair.clock.advance(pause);
        pair.b.open(every(300, 300, 3));
        pair.seconds(10);
        expect(both(pair)).toEqual(['up', 'up']);
      }),
    );
  });

  test('with its whole process takes leave at once', () => {
    const pair = Pair.up(every(300, 300, 3), every(300, 300, 3));
    pair.b.engine.command({ type: 'end' });
    expect(pair.b.ended).toBe(true);
    pair.clock.advance(5);
    expect(pair.a.status.reason).toBe('neighbor-admin-down');
  });
});

test('counters are told now and then', () => {
  const pair = Pair.up(every(300, 300, 3), every(300, 300, 3));
  const [before] = pair.a.counters;
  pair.seconds(60);
  const [after] = pair.a.counters;
  expect((after?.received ?? 0) - (before?.received ?? 0)).toBeGreaterThan(150);
  expect((after?.sent ?? 0) - (before?.sent ?? 0)).toBeGreaterThan(150);
});
