import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { SessionSettings } from '../../src/session/settings.ts';
import { establishedSlot } from '../../src/session/state.ts';
import { Party } from './party.ts';
import { settings } from './support.ts';

const SEEDS = 1000;

/** Virtual seconds within which two speakers must have agreed. */
const PATIENCE = 300;

/** Before any timer of the FSM expires for the first time. */
const FIRST_ATTEMPT = 3.75;

interface Pair {
  readonly a: Party;
  readonly b: Party;
  readonly clock: VirtualClock;
  readonly random: Random;
}

function pair(
  seed: number,
  mine: Partial<SessionSettings>,
  theirs: Partial<SessionSettings>,
): Pair {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const ours = settings(mine);
  const a = new Party('a', ours, clock, random);
  const mirrored = settings({ localAsn: ours.remoteAsn, remoteAsn: ours.localAsn, ...theirs });
  const b = new Party('b', mirrored, clock, random);
  a.remote = b;
  b.remote = a;
  return { a, b, clock, random };
}

function startBoth({ a, b, clock, random }: Pair): void {
  // At the same time, or one a little after the other.
  clock.setTimer('start', 0, () => a.start());
  clock.setTimer('start', random.next() < 0.5 ? 0 : random.next() * 100, () => b.start());
}

function expectOneSession({ a, b }: Pair, what: string): void {
  const slots = [establishedSlot(a.state), establishedSlot(b.state)];
  expect(slots.includes(undefined), `${what}: ${slots}`).toBe(false);
  expect(slots[0], what).not.toBe(slots[1]);
  expect([a.connections, b.connections], what).toEqual([1, 1]);
  expect(a.established?.channel, what).toBe(b.established?.channel);
}

const orders: readonly [string, Partial<SessionSettings>, Partial<SessionSettings>][] = [
  ['the first has the higher id', { routerId: 0xc0000001 }, { routerId: 0x0a000001 }],
  ['the second has the higher id', { routerId: 0x0a000001 }, { routerId: 0xc0000001 }],
  ['equal ids in two ASes', { routerId: 0x0a000001 }, { routerId: 0x0a000001 }],
  ['one of them is passive', { routerId: 1, dial: false }, { routerId: 2 }],
  [
    'no graceful restart',
    { routerId: 1, gracefulRestart: undefined },
    { routerId: 2, gracefulRestart: undefined },
  ],
];

describe('two speakers on a network with random delays', () => {
  test.each(orders)('agree on one session: %s', (_what, mine, theirs) => {
    let atOnce = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const both = pair(seed, mine, theirs);
      startBoth(both);
      const { a, b, clock } = both;
      const agreed = (): boolean => a.established !== undefined && b.established !== undefined;
      if (clock.runUntil(agreed, FIRST_ATTEMPT * 1000)) atOnce++;
      clock.advance(PATIENCE * 1000);
      expectOneSession(both, `seed ${seed}`);
    }
    expect(atOnce / SEEDS).toBeGreaterThan(0.9);
  });

  test.each(orders)(
    'agree again after connections break at any moment: %s',
    (_what, mine, theirs) => {
      for (let seed = 1; seed <= SEEDS / 5; seed++) {
        const both = pair(seed, mine, theirs);
        startBoth(both);
        for (let cut = 0; cut < 5; cut++) {
          both.clock.advance(both.random.next() * (both.random.next() < 0.5 ? 200 : 20_000));
          both.a.cut();
        }
        both.clock.advance(PATIENCE * 1000);
        expectOneSession(both, `seed ${seed}`);
      }
    },
  );

  test.each(orders)('agree again after one was killed and came back: %s', (_what, mine, theirs) => {
    for (let seed = 1; seed <= SEEDS / 5; seed++) {
      const both = pair(seed, mine, theirs);
      startBoth(both);
      both.clock.advance(both.random.next() * 60_000);
      both.b.kill();
      both.clock.advance(both.random.next() * 20_000);
      both.b.start();
      both.clock.advance(PATIENCE * 1000);
      expectOneSession(both, `seed ${seed}`);
    }
  });
});
