import { describe, expect, test } from 'vitest';
import type { SessionAction, Step } from '../../src/session/action.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import type { PeerState } from '../../src/session/state.ts';
import {
  armedFor,
  closed,
  drive,
  INCOMING,
  inEstablished,
  keepalive,
  notified,
  open,
  peerOpen,
  settings,
} from './support.ts';

const slot = 'outgoing';
const BOTH = ['ipv4-unicast', 'ipv6-unicast'] as const;
const N = { gracefulRestart: { restartTime: 120, notification: true } } as const;
const NO_DATA = new Uint8Array(0);

/** Established, both sides having sent the N bit unless `theirs` says otherwise. */
const inBoth = (theirs = true): PeerState =>
  drive(
    drive(inEstablished(N), closed(slot), INCOMING).state,
    open('incoming', peerOpen({ gracefulRestart: { restartTime: 120, notification: theirs } })),
    keepalive('incoming'),
    ...BOTH.map((family): SessionEvent => ({ type: 'end-of-rib', family })),
  ).state;

const told = (code: number, subcode: number, ...data: number[]): SessionEvent => ({
  type: 'notification',
  slot: 'incoming',
  code,
  subcode,
  data: Uint8Array.from(data),
});

const cease = (subcode: number): SessionEvent => ({
  type: 'cease',
  subcode,
  data: NO_DATA,
  retry: 'at-once',
});

const kept = ({ actions }: Step): readonly string[] | undefined =>
  actions.find((action) => action.type === 'session-down')?.keep;

const swept = (actions: readonly SessionAction[]): readonly string[] =>
  actions.flatMap((action) => (action.type === 'sweep-stale' ? [action.reason] : []));

const MALFORMED: SessionEvent = {
  type: 'malformed',
  slot: 'incoming',
  code: 3,
  subcode: 1,
  data: NO_DATA,
  detail: 'bad',
};

describe('where both sides sent the N bit, routes stay after', () => {
  test.each<readonly [string, SessionEvent]>([
    ['a NOTIFICATION of the peer', told(6, 4)],
    ['its Administrative Shutdown, which it would have wrapped had it meant it', told(6, 2)],
    ['our own NOTIFICATION', MALFORMED],
    ['the hold timer', { type: 'timer', timer: 'incoming/hold' }],
    ['the send hold timer', { type: 'timer', timer: 'incoming/send-hold' }],
    ['an Administrative Reset', cease(4)],
    ['a reset by configuration', { type: 'reconfigure', settings: settings(N), reset: 6 }],
  ])('%s', (_what, event) => {
    const step = drive(inBoth(), event);
    expect(kept(step)).toEqual(BOTH);
    expect(armedFor(step, 'gr-restart')).toBe(120);
    expect(notified(step).map(([, , subcode]) => subcode)).not.toContain(9);
  });
});

describe('routes go all the same', () => {
  test('after a Hard Reset, whose reason is shown', () => {
    const step = drive(inBoth(), told(6, 9, 6, 2, 3, 98, 121, 101));
    expect(kept(step)).toEqual([]);
    expect(step.detail).toContain('Hard Reset (Cease: Administrative Shutdown): "bye"');
  });

  test.each([
    ['prefix limit', 1],
    ['shutdown', 2],
    ['de-configured', 3],
    ['BFD Down', 10],
  ])('after our own %s, which the peer hears as a Hard Reset', (_what, subcode) => {
    const step = drive(inBoth(), cease(subcode));
    expect(notified(step)).toEqual([['incoming', 6, 9, [6, subcode]]]);
    expect(kept(step)).toEqual([]);
  });

  test('where one side did not send it, and then there is no Hard Reset either', () => {
    const step = drive(inBoth(false), cease(2));
    expect(notified(step)).toEqual([['incoming', 6, 2, []]]);
    expect(kept(step)).toEqual([]);
    expect(kept(drive(inBoth(false), told(6, 4)))).toEqual([]);
  });
});

describe('stale routes through several restarts', () => {
  const back = (): SessionEvent[] => [
    INCOMING,
    open('incoming', peerOpen(N, { restarting: true, forwarding: BOTH })),
    keepalive('incoming'),
  ];
  const idle: SessionEvent = { type: 'timer', timer: 'idle-hold' };

  test('are not dropped by a second loss', () => {
    const step = drive(inBoth(), told(6, 4), idle, ...back(), told(6, 4));
    expect(swept(step.actions)).toEqual([]);
    expect(step.state.stale).toEqual(BOTH);
  });

  test('are bounded by one timer from the first loss', () => {
    const first = drive(inBoth(), told(6, 4));
    expect(armedFor(first, 'gr-stale')).toBe(300);
    const later = drive(first.state, idle, ...back(), told(6, 4));
    expect(armedFor(later, 'gr-stale')).toBeUndefined();
    const over = drive(later.state, { type: 'timer', timer: 'gr-stale' });
    expect(swept(over.actions)).toEqual(['stale-time-over']);
    expect(over.state.stale).toEqual([]);
  });

  test('go at End-of-RIB, and with them the timer', () => {
    const up = drive(inBoth(), told(6, 4), idle, ...back()).state;
    const ends = BOTH.map((family): SessionEvent => ({ type: 'end-of-rib', family }));
    const step = drive(up, ...ends);
    expect(swept(step.actions)).toEqual(['end-of-rib', 'end-of-rib']);
    expect(step.state.armed.has('gr-stale')).toBe(false);
  });
});
