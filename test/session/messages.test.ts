import { describe, expect, test } from 'vitest';
import type { SessionEvent } from '../../src/session/event.ts';
import { fsmState, type PeerState } from '../../src/session/state.ts';
import {
  armedFor,
  closed,
  deeds,
  drive,
  inEstablished,
  inOpenConfirm,
  inOpenSent,
  keepalive,
  notification,
  notified,
  open,
  peerOpen,
  settings,
} from './support.ts';

const slot = 'outgoing';
const OPEN = open(slot);
const KEEPALIVE = keepalive(slot);
const UPDATE: SessionEvent = { type: 'update', slot };
const REFRESH: SessionEvent = {
  type: 'route-refresh',
  slot,
  family: 'ipv4-unicast',
  subtype: 0,
};

const STATES = {
  OpenSent: inOpenSent,
  OpenConfirm: inOpenConfirm,
  Established: inEstablished,
} as const;

describe('a message that the state does not allow is answered by a Finite State Machine Error', () => {
  const cases: readonly [string, () => PeerState, string, SessionEvent, number, number][] = [
    ['OpenSent', inOpenSent, 'UPDATE', UPDATE, 1, 2],
    ['OpenSent', inOpenSent, 'KEEPALIVE', KEEPALIVE, 1, 4],
    ['OpenSent', inOpenSent, 'ROUTE_REFRESH', REFRESH, 1, 5],
    ['OpenConfirm', inOpenConfirm, 'OPEN', OPEN, 2, 1],
    ['OpenConfirm', inOpenConfirm, 'UPDATE', UPDATE, 2, 2],
    ['OpenConfirm', inOpenConfirm, 'ROUTE_REFRESH', REFRESH, 2, 5],
    ['Established', inEstablished, 'OPEN', OPEN, 3, 1],
  ];
  test.each(cases)('%s: %s', (_state, inState, _message, event, subcode, type) => {
    const step = drive(inState(), event);
    expect(notified(step)).toEqual([[slot, 5, subcode, [type]]]);
    expect(step.reason).toBe('unexpected-message');
    expect(fsmState(step.state)).toBe('idle');
  });
});

describe.each(Object.entries(STATES))('in %s', (name, inState) => {
  test('a NOTIFICATION closes the connection and is not answered', () => {
    const step = drive(inState(), notification(slot, 6, 4));
    expect(notified(step)).toEqual([]);
    expect(deeds(step)[0]).toBe('close');
    expect(step.state.lastNotification?.direction).toBe('received');
    expect(step.detail).toContain('Administrative Reset');
    expect(fsmState(step.state)).toBe('idle');
  });

  test('a malformed message is answered once, with what the decoder said', () => {
    const data = Uint8Array.of(0, 18);
    const malformed = { type: 'malformed', slot, code: 1, subcode: 2, data, detail: '' } as const;
    const step = drive(inState(), malformed);
    expect(notified(step)).toEqual([[slot, 1, 2, [0, 18]]]);
    expect(drive(step.state, malformed).actions).toEqual([]);
  });

  test('a disabled peer gets a Cease and nothing stays armed', () => {
    const cease = { subcode: 2, data: Uint8Array.of(1, 65) };
    const step = drive(inState(), { type: 'stop', cease });
    expect(notified(step)).toEqual([[slot, 6, 2, [1, 65]]]);
    expect(step.state.armed.size).toBe(0);
    expect(fsmState(step.state)).toBe('idle');
    expect(deeds(step).includes('session-down')).toBe(name === 'Established');
  });

  test('a silent stop closes without a word and drops no route', () => {
    const step = drive(inState(), { type: 'stop', cease: 'silent' });
    expect(deeds(step)).toEqual(['close']);
    expect(step.state.armed.size).toBe(0);
  });

  test('new settings that need a new session reset it with their Cease and dial at once', () => {
    const reset = { type: 'reconfigure', settings: settings(), reset: 6 } as const;
    const step = drive(inState(), reset);
    expect(notified(step)).toEqual([[slot, 6, 6, []]]);
    expect(deeds(step).at(-1)).toBe('dial');
  });

  test('new settings without reset send nothing', () => {
    const change = settings({ errorWait: { min: 1, max: 2 } });
    const step = drive(inState(), { type: 'reconfigure', settings: change, reset: undefined });
    expect(deeds(step)).toEqual([]);
    expect(step.state.settings).toBe(change);
  });

  test('a Cease on request comes back as asked', () => {
    const data = new Uint8Array(0);
    const request = { type: 'cease', subcode: 1, data } as const;
    const waits = drive(inState(), { ...request, retry: 'after-idle-hold' });
    expect(notified(waits)).toEqual([[slot, 6, 1, []]]);
    expect(armedFor(waits, 'idle-hold')).toBe(5);
    const long = drive(inState(), { ...request, retry: { after: 900 } });
    expect(notified(long)).toEqual([[slot, 6, 1, []]]);
    expect(armedFor(long, 'idle-hold')).toBe(900);
    expect(long.state.lastErrorWait).toBe(0);
    const dials = drive(inState(), { ...request, retry: 'at-once' });
    expect(deeds(dials).at(-1)).toBe('dial');
  });
});

describe('timers', () => {
  test('OpenSent ends when no OPEN comes', () => {
    const step = drive(inOpenSent(), { type: 'timer', timer: `${slot}/open-hold` });
    expect(notified(step)).toEqual([[slot, 4, 0, []]]);
    expect(step.reason).toBe('open-hold-expired');
  });

  const HOLD = { type: 'timer', timer: `${slot}/hold` } as const;
  const live = [
    ['OpenConfirm', inOpenConfirm],
    ['Established', inEstablished],
  ] as const;

  test.each(live)('%s ends when the hold timer expires', (_name, inState) => {
    const step = drive(inState(), HOLD);
    expect(notified(step)).toEqual([[slot, 4, 0, []]]);
    expect(step.reason).toBe('hold-expired');
  });

  test.each(live)('%s is judged once only after unread input was read', (_name, inState) => {
    const first = drive(inState(), { ...HOLD, unread: true });
    expect(first.reason).toBe('hold-postponed');
    expect(armedFor(first, `${slot}/hold`)).toBe(10);
    expect(drive(first.state, { ...HOLD, unread: true }).reason).toBe('hold-expired');
  });

  test('a message after a postponement allows another one', () => {
    const step = drive(inEstablished(), { ...HOLD, unread: true }, UPDATE, {
      ...HOLD,
      unread: true,
    });
    expect(step.reason).toBe('hold-postponed');
  });

  test('a peer that was heard meanwhile gets the rest of the hold time', () => {
    const step = drive(inEstablished(), { ...HOLD, quiet: 20 });
    expect(step.reason).toBe('hold-rearmed');
    expect(armedFor(step, `${slot}/hold`)).toBe(70);
  });

  test('any message restarts the hold timer', () => {
    for (const event of [UPDATE, KEEPALIVE, REFRESH]) {
      expect(armedFor(drive(inEstablished(), event), `${slot}/hold`)).toBe(90);
    }
  });

  test.each(live)(
    '%s sends a KEEPALIVE when its timer expires, and starts it again',
    (_n, inState) => {
      const step = drive(inState(), { type: 'timer', timer: `${slot}/keepalive` });
      expect(deeds(step)).toEqual(['send-keepalive']);
      expect(armedFor(step, `${slot}/keepalive`)).toBe(30);
    },
  );

  test('a peer that takes no output for the send hold time is dropped without NOTIFICATION', () => {
    const timer = { type: 'timer', timer: `${slot}/send-hold` } as const;
    expect(deeds(drive(inEstablished(), timer))).toEqual(['close', 'session-down']);
    const rest = drive(inEstablished(), { ...timer, quiet: 100 });
    expect(armedFor(rest, `${slot}/send-hold`)).toBe(380);
  });

  test('a hold time of 0 arms neither hold nor keepalive nor send-hold timer', () => {
    const opened = drive(inOpenSent(), open(slot, peerOpen({ holdTime: 0 })), KEEPALIVE);
    expect(fsmState(opened.state)).toBe('established');
    expect([...opened.state.armed]).toEqual([]);
  });

  test('with a hold time of 0 the wait for the first KEEPALIVE is bounded all the same', () => {
    const confirmed = drive(inOpenSent(), open(slot, peerOpen({ holdTime: 0 }))).state;
    const step = drive(confirmed, { type: 'timer', timer: `${slot}/open-hold` });
    expect(notified(step)).toEqual([[slot, 4, 0, []]]);
  });

  test('a timer that is no longer armed changes nothing', () => {
    const step = drive(inEstablished(), { type: 'timer', timer: 'incoming/hold' });
    expect(step.reason).toBe('stale-event');
    expect(step.actions).toEqual([]);
  });
});

test('events of a connection that is gone change nothing', () => {
  const events = [UPDATE, KEEPALIVE, OPEN, REFRESH, closed(slot), notification(slot, 6, 2)];
  const gone = drive(inEstablished(), notification(slot, 6, 3)).state;
  for (const event of events) {
    const step = drive(gone, event);
    expect(step.state).toBe(gone);
    expect(step.reason).toBe('stale-event');
  }
});

test('the way to Established is OPEN, KEEPALIVE, session-up', () => {
  const step = drive(inOpenSent(), OPEN, KEEPALIVE);
  expect(deeds(step)).toEqual(['send-keepalive', 'session-up']);
  expect(step.reason).toBe('established');
  expect(step.state.armed).toEqual(
    new Set(['outgoing/hold', 'outgoing/keepalive', 'outgoing/send-hold']),
  );
});
