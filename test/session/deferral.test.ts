import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildOpen } from '../../src/session/build-open.ts';
import { Deferral, type DeferralEvent } from '../../src/session/deferral.ts';
import { negotiate } from '../../src/session/negotiate.ts';
import type { Negotiated } from '../../src/session/negotiated.ts';
import { NOT_RESTARTING, peerOpen, SETTINGS } from './support.ts';

const FOUR = 'ipv4-unicast';
const SIX = 'ipv6-unicast';

function negotiated(restarting: boolean, graceful = true): Negotiated {
  const theirs = peerOpen(graceful ? {} : { gracefulRestart: undefined }, {
    restarting,
    forwarding: [],
  });
  const result = negotiate(SETTINGS, buildOpen(SETTINGS, NOT_RESTARTING), theirs);
  if (result.type !== 'agreed') throw new Error(result.detail);
  return result.negotiated;
}

const up = (peer: string, restarting = false, graceful = true): DeferralEvent => ({
  type: 'peer-up',
  peer,
  negotiated: negotiated(restarting, graceful),
});
const eor = (peer: string, family: typeof FOUR | typeof SIX): DeferralEvent => ({
  type: 'peer-eor',
  peer,
  family,
});

function run(peers: string[], ...events: DeferralEvent[]): Deferral {
  const deferral = new Deferral(peers);
  for (const event of events) deferral.step(event);
  return deferral;
}

describe('selection after a restart', () => {
  test('waits for nobody if there is no peer', () => {
    expect(new Deferral([]).done).toBe(true);
  });

  test('waits for End-of-RIB of every family of every peer', () => {
    const most = [up('a'), up('b'), eor('a', FOUR), eor('a', SIX), eor('b', FOUR)];
    expect(run(['a', 'b'], ...most).done).toBe(false);
    expect(run(['a', 'b'], ...most, eor('b', SIX)).done).toBe(true);
  });

  test('does not wait for a peer that has itself restarted', () => {
    expect(run(['a'], up('a', true)).done).toBe(true);
  });

  test('does not wait for a peer without graceful restart', () => {
    expect(run(['a'], up('a', false, false)).done).toBe(true);
  });

  test('waits for a peer that was never up until the cap', () => {
    expect(run(['a', 'b'], up('a', true)).done).toBe(false);
    expect(run(['a', 'b'], up('a', true), { type: 'cap-reached' }).done).toBe(true);
  });

  test('waits again for all of a peer that was lost before its End-of-RIB', () => {
    const events = [up('a'), eor('a', FOUR), { type: 'peer-gone', peer: 'a' } as const];
    expect(run(['a'], ...events, up('a'), eor('a', SIX)).done).toBe(false);
    expect(run(['a'], ...events, up('a'), eor('a', SIX), eor('a', FOUR)).done).toBe(true);
  });

  test('does not wait for a peer that left the configuration', () => {
    expect(run(['a'], { type: 'peer-removed', peer: 'a' }).done).toBe(true);
  });

  test('never waits again once it is over, and any order of End-of-RIBs ends it', () => {
    const eors = ['a', 'b', 'c'].flatMap((peer) => [eor(peer, FOUR), eor(peer, SIX)]);
    fc.assert(
      fc.property(fc.shuffledSubarray(eors, { minLength: eors.length }), (order) => {
        const over = run(['a', 'b', 'c'], up('a'), up('b'), up('c'), ...order);
        expect(over.done).toBe(true);
        over.step({ type: 'peer-gone', peer: 'a' });
        expect(over.done).toBe(true);
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) },
    );
  });
});
