import { describe, expect, test } from 'vitest';
import { fsmState, newPeer } from '../../src/session/state.ts';
import {
  armedFor,
  CONNECTED,
  closed,
  deeds,
  drive,
  INCOMING,
  inOpenSent,
  notification,
  notified,
  open,
  peerOpen,
  START,
  settings,
  started,
} from './support.ts';

const RETRY = { type: 'timer', timer: 'connect-retry' } as const;
const IDLE_OVER = { type: 'timer', timer: 'idle-hold' } as const;
const FAILED = { type: 'dial-failed', detail: 'refused' } as const;

describe('Idle', () => {
  test('refuses connections while disabled', () => {
    const step = drive(newPeer(settings()), INCOMING);
    expect(deeds(step)).toEqual(['reject']);
    expect(step.reason).toBe('refused-stopped');
  });

  test('dials at once when started', () => {
    const step = drive(newPeer(settings()), START);
    expect(deeds(step)).toEqual(['dial']);
    expect(fsmState(step.state)).toBe('connect');
    expect(armedFor(step, 'connect-retry')).toBe(5);
  });

  test('of a passive peer listens when started and arms nothing', () => {
    const step = drive(newPeer(settings({ dial: false })), START);
    expect(step.actions).toEqual([]);
    expect(fsmState(step.state)).toBe('active');
  });

  test('starts once', () => {
    const step = drive(started(), START);
    expect(step.actions).toEqual([]);
  });
});

describe('Connect', () => {
  test('sends an OPEN on the dialled connection', () => {
    const step = drive(started(), CONNECTED);
    expect(deeds(step)).toEqual(['send-open']);
    expect(armedFor(step, 'outgoing/open-hold')).toBe(240);
    expect(step.state.armed).toEqual(new Set(['outgoing/open-hold']));
  });

  test('waits in Active after a failed dial and dials again when the retry timer expires', () => {
    const failed = drive(started(), FAILED);
    expect(fsmState(failed.state)).toBe('active');
    expect(failed.state.lastError).toEqual({ reason: 'dial-failed', detail: 'refused' });
    expect(deeds(drive(failed.state, RETRY))).toEqual(['dial']);
  });

  test('gives up a dial that takes longer than the retry time and dials again', () => {
    const step = drive(started(), RETRY);
    expect(deeds(step)).toEqual(['cancel-dial', 'dial']);
    expect(step.reason).toBe('dial-timed-out');
  });

  test('takes an incoming connection beside the dial', () => {
    const step = drive(started(), INCOMING);
    expect(deeds(step)).toEqual(['accept', 'send-open']);
    expect(step.state.approach).toBe('connect');
  });
});

describe('Active', () => {
  test('does not dial while an incoming connection is in progress', () => {
    const step = drive(started(), FAILED, INCOMING, RETRY);
    expect(deeds(step)).toEqual(['accept', 'send-open']);
    expect(step.reason).toBe('connection-in-progress');
    expect(step.state.armed.has('connect-retry')).toBe(true);
  });

  test('replaces an incoming connection that got nowhere by a newer one', () => {
    const step = drive(started({ dial: false }), INCOMING, INCOMING);
    expect(deeds(step)).toEqual(['accept', 'send-open', 'close', 'accept', 'send-open']);
    expect(step.reason).toBe('replaced-by-newer');
  });

  test('closes a dialled connection that comes after it was given up', () => {
    const step = drive(started({ dial: false }), CONNECTED);
    expect(step.actions).toEqual([{ type: 'close', slot: 'outgoing' }]);
  });
});

describe('the wait after an error', () => {
  const rejected = [CONNECTED, notification('outgoing', 2, 2)] as const;

  test('doubles from the least to the most', () => {
    let state = started();
    const waits = Array.from({ length: 5 }, () => {
      const step = drive(state, ...rejected);
      state = drive(step.state, IDLE_OVER).state;
      return armedFor(step, 'idle-hold');
    });
    expect(waits).toEqual([5, 10, 20, 30, 30]);
  });

  test('is the shortest again once errors are forgotten', () => {
    const twice = drive(started(), ...rejected, IDLE_OVER, ...rejected).state;
    const forgotten = drive(twice, { type: 'timer', timer: 'error-forget' }, IDLE_OVER);
    expect(armedFor(drive(forgotten.state, ...rejected), 'idle-hold')).toBe(5);
  });

  test('refuses incoming connections', () => {
    const step = drive(started(), ...rejected, INCOMING);
    expect(step.reason).toBe('refused-idle-hold');
  });

  test('does not exist for a passive peer configured with none', () => {
    const passive = started({ dial: false, errorWait: { min: 0, max: 0 } });
    const step = drive(passive, INCOMING, notification('incoming', 6, 4), INCOMING);
    expect(step.reason).toBe('accepted');
  });

  test('is cut short by a retry and by a new configuration', () => {
    const waiting = drive(started(), ...rejected).state;
    const again = drive(waiting, { type: 'retry' });
    expect(deeds(again)).toEqual(['dial']);
    expect(again.state.lastErrorWait).toBe(0);
    const change = { type: 'reconfigure', settings: settings(), reset: undefined } as const;
    expect(deeds(drive(waiting, change))).toEqual(['dial']);
  });

  test('does not follow a connection that was merely lost before it was established', () => {
    const step = drive(inOpenSent(), closed('outgoing'));
    expect(fsmState(step.state)).toBe('active');
    expect(armedFor(step, 'connect-retry')).toBe(5);
  });
});

describe('a peer that has no family in common', () => {
  const theirs = peerOpen({ families: ['ipv6-unicast'] });
  const step = drive(inOpenSent({ families: ['ipv4-unicast'] }), open('outgoing', theirs));

  test('is told which capability is missing', () => {
    expect(notified(step)).toEqual([['outgoing', 2, 7, [1, 4, 0, 1, 0, 1]]]);
  });

  test('is not dialled again by itself, but may dial us', () => {
    const after = drive(step.state, IDLE_OVER);
    expect(after.actions).toEqual([]);
    expect(drive(after.state, INCOMING).reason).toBe('accepted');
    expect(deeds(drive(after.state, { type: 'retry' }))).toEqual(['dial']);
  });
});
