import { describe, expect, test } from 'vitest';
import {
  CONNECTED,
  deeds,
  drive,
  INCOMING,
  inEstablished,
  keepalive,
  notified,
  open,
  peerOpen,
  started,
} from './support.ts';

const LOW = 0x0a000001;
const HIGH = 0xc0000001;

describe('two connections with one peer', () => {
  const both = (routerId: number) => drive(started({ routerId }), CONNECTED, INCOMING).state;

  test('both stay while only one OPEN has come', () => {
    const step = drive(both(LOW), open('incoming'));
    expect(notified(step)).toEqual([]);
  });

  test('the one that the speaker with the higher identifier dialled is kept', () => {
    const theirs = peerOpen({ routerId: HIGH });
    const step = drive(both(LOW), open('outgoing', theirs), open('incoming', theirs));
    expect(notified(step)).toEqual([['outgoing', 6, 7, []]]);
    expect(step.reason).toBe('collision-this-kept');
    expect(step.state.incoming?.state).toBe('open-confirm');
  });

  test('identifiers are compared as unsigned numbers', () => {
    const theirs = peerOpen({ routerId: LOW });
    const step = drive(both(HIGH), open('outgoing', theirs), open('incoming', theirs));
    expect(notified(step)).toEqual([['incoming', 6, 7, []]]);
    expect(step.reason).toBe('collision-other-kept');
  });

  test('equal identifiers leave it to the higher AS number', () => {
    const theirs = peerOpen({ routerId: LOW });
    const step = drive(both(LOW), open('outgoing', theirs), open('incoming', theirs));
    expect(step.state.outgoing).toBeUndefined();
    expect(step.state.incoming?.state).toBe('open-confirm');
  });

  test('the first to be established closes the other', () => {
    const step = drive(both(LOW), open('outgoing'), keepalive('outgoing'));
    expect(notified(step)).toEqual([['incoming', 6, 7, []]]);
    expect(step.state.outgoing?.state).toBe('established');
  });

  test('an error on one leaves the other alone', () => {
    const step = drive(both(LOW), keepalive('incoming'));
    expect(notified(step)).toEqual([['incoming', 5, 1, [4]]]);
    expect(step.state.outgoing?.state).toBe('open-sent');
    expect(step.state.armed.has('idle-hold')).toBe(false);
  });

  test('the session ends an outstanding dial', () => {
    const step = drive(started(), INCOMING, open('incoming'), keepalive('incoming'));
    expect(deeds(step).includes('cancel-dial')).toBe(true);
    expect(step.state.armed.has('connect-retry')).toBe(false);
  });
});

describe('a new connection of a peer that is established', () => {
  const update = { type: 'update', slot: 'outgoing' } as const;

  test('is refused without graceful restart', () => {
    const step = drive(inEstablished({ gracefulRestart: undefined }), update, INCOMING);
    expect(deeds(step)).toEqual(['reject']);
    expect(step.reason).toBe('refused-established');
  });

  test('means a restart with it: the old one goes silently and routes stay stale', () => {
    const step = drive(inEstablished(), update, INCOMING);
    expect(deeds(step)).toEqual(['close', 'session-down', 'accept', 'send-open']);
    expect(step.state.stale).toEqual(['ipv4-unicast', 'ipv6-unicast']);
    expect(step.state.armed.has('gr-restart')).toBe(true);
  });

  test('is once taken for a late simultaneous dial if nothing was heard yet', () => {
    const first = drive(inEstablished(), INCOMING);
    expect(deeds(first)).toEqual(['reject']);
    expect(drive(first.state, INCOMING).reason).toBe('peer-restarted');
  });
});
