import { describe, expect, test } from 'vitest';
import type { SessionAction } from '../../src/session/action.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { fsmState, type OwnRestart, type PeerState } from '../../src/session/state.ts';
import {
  armedFor,
  CONNECTED,
  closed,
  deeds,
  drive,
  INCOMING,
  inEstablished,
  keepalive,
  NOT_RESTARTING,
  notification,
  open,
  peerOpen,
  settings,
} from './support.ts';

const FOUR = 'ipv4-unicast';
const SIX = 'ipv6-unicast';

/** The peer comes back on a connection that it dials. */
const back = (own: OwnRestart, change = {}): SessionEvent[] => [
  INCOMING,
  open('incoming', peerOpen(change, own)),
  keepalive('incoming'),
];

const swept = (actions: readonly SessionAction[]): (readonly [readonly string[], string])[] =>
  actions.flatMap((action) =>
    action.type === 'sweep-stale' ? [[action.families, action.reason] as const] : [],
  );

const kept = (actions: readonly SessionAction[]): readonly string[] | undefined =>
  actions.find((action) => action.type === 'session-down')?.keep;

const lost = (): PeerState => drive(inEstablished(), closed('outgoing')).state;

describe('routes of a lost session', () => {
  test('stay stale for the restart time of a peer with graceful restart', () => {
    const step = drive(inEstablished(), closed('outgoing'));
    expect(kept(step.actions)).toEqual([FOUR, SIX]);
    expect(armedFor(step, 'gr-restart')).toBe(120);
  });

  test('are awaited at once: the peer may dial us without delay', () => {
    expect(fsmState(lost())).toBe('active');
    expect(drive(lost(), INCOMING).reason).toBe('accepted');
  });

  test('go if the peer does not come back in time', () => {
    const step = drive(lost(), { type: 'timer', timer: 'gr-restart' });
    expect(swept(step.actions)).toEqual([[[FOUR, SIX], 'restart-time-over']]);
    expect(step.state.stale).toEqual([]);
  });

  test('go with a peer that promises a restart time of 0', () => {
    const theirs = peerOpen({ gracefulRestart: { restartTime: 0, notification: false } });
    const up = drive(lost(), INCOMING, open('incoming', theirs), keepalive('incoming')).state;
    expect(kept(drive(up, closed('incoming')).actions)).toEqual([]);
  });

  const endings: readonly [string, SessionEvent][] = [
    ['a NOTIFICATION of the peer', notification('outgoing', 6, 4)],
    ['our own NOTIFICATION', open('outgoing')],
    ['the hold timer', { type: 'timer', timer: 'outgoing/hold' }],
    ['the send hold timer', { type: 'timer', timer: 'outgoing/send-hold' }],
    ['an operator', { type: 'stop', cease: { subcode: 2, data: new Uint8Array(0) } }],
  ];
  test.each(endings)('go when %s ended it', (_what, event) => {
    expect(kept(drive(inEstablished(), event).actions)).toEqual([]);
  });

  test('go without graceful restart, and the peer is waited for as after an error', () => {
    const step = drive(inEstablished({ gracefulRestart: undefined }), closed('outgoing'));
    expect(kept(step.actions)).toEqual([]);
    expect(armedFor(step, 'idle-hold')).toBe(5);
  });
});

describe('when the peer is back', () => {
  test('families with the F bit stay until their End-of-RIB', () => {
    const step = drive(lost(), ...back({ restarting: true, forwarding: [FOUR, SIX] }));
    expect(swept(step.actions)).toEqual([]);
    expect(step.state.armed.has('gr-restart')).toBe(false);
    expect(armedFor(step, 'gr-stale')).toBe(180);
    const first = drive(step.state, { type: 'end-of-rib', family: FOUR });
    expect(swept(first.actions)).toEqual([[[FOUR], 'end-of-rib']]);
    const second = drive(first.state, { type: 'end-of-rib', family: SIX });
    expect(swept(second.actions)).toEqual([[[SIX], 'end-of-rib']]);
    expect(second.state.armed.has('gr-stale')).toBe(false);
  });

  test('families without the F bit go at once, before the session is up', () => {
    const step = drive(lost(), ...back({ restarting: true, forwarding: [SIX] }));
    expect(swept(step.actions)).toEqual([[[FOUR], 'forwarding-not-preserved']]);
    expect(deeds(step).slice(-2)).toEqual(['sweep-stale', 'session-up']);
    expect(step.state.stale).toEqual([SIX]);
  });

  test('everything goes if the new OPEN has no graceful restart', () => {
    const step = drive(lost(), ...back(NOT_RESTARTING, { gracefulRestart: undefined }));
    expect(swept(step.actions)).toEqual([[[FOUR, SIX], 'forwarding-not-preserved']]);
  });

  test('everything still stale goes when End-of-RIB does not come in time', () => {
    const up = drive(lost(), ...back({ restarting: true, forwarding: [FOUR, SIX] })).state;
    const step = drive(up, { type: 'timer', timer: 'gr-stale' });
    expect(swept(step.actions)).toEqual([[[FOUR, SIX], 'stale-time-over']]);
  });

  test('a second loss drops the routes of the first life and keeps those of the second', () => {
    const up = drive(lost(), ...back({ restarting: true, forwarding: [FOUR, SIX] })).state;
    const half = drive(up, { type: 'end-of-rib', family: SIX }).state;
    const step = drive(half, closed('incoming'));
    expect(swept(step.actions)).toEqual([[[FOUR], 'second-restart']]);
    expect(kept(step.actions)).toEqual([FOUR, SIX]);
    expect(step.state.armed.has('gr-stale')).toBe(false);
  });

  test('an End-of-RIB of a family without stale routes changes nothing', () => {
    expect(drive(inEstablished(), { type: 'end-of-rib', family: FOUR }).actions).toEqual([]);
  });
});

describe('stale routes of a peer that is down', () => {
  test('survive an attempt that fails', () => {
    const step = drive(lost(), INCOMING, notification('incoming', 2, 2));
    expect(swept(step.actions)).toEqual([]);
    expect(step.state.armed.has('gr-restart')).toBe(true);
  });

  test('go when the peer is disabled, but not when the process exits', () => {
    const cease = { subcode: 3, data: new Uint8Array(0) };
    const stopped = drive(lost(), { type: 'stop', cease });
    expect(swept(stopped.actions)).toEqual([[[FOUR, SIX], 'stopped']]);
    const exit = drive(lost(), { type: 'stop', cease: 'silent' });
    expect(swept(exit.actions)).toEqual([]);
    expect(exit.state.armed.size).toBe(0);
  });
});

describe('our own restart', () => {
  const bits = (actions: readonly SessionAction[]): unknown => {
    const sent = actions.findLast((action) => action.type === 'send-open')?.open;
    const capability = sent?.capabilities.find(({ type }) => type === 'graceful-restart');
    if (capability?.type !== 'graceful-restart') throw new Error('no capability 64');
    return [capability.restarting, capability.families.map(({ forwarding }) => forwarding)];
  };
  const own = { restarting: true, forwarding: [FOUR] } as const;
  const down = { type: 'stop', cease: 'silent' } as const;
  const fresh = drive(inEstablished(), down, { type: 'start', own }).state;

  test('sets R, and F for the families whose forwarding state is in place', () => {
    expect(bits(drive(fresh, CONNECTED).actions)).toEqual([true, [true, false]]);
  });

  test('is told in the first session only; F stays, since this process kept the FIB', () => {
    const up = drive(fresh, CONNECTED, open('outgoing'), keepalive('outgoing')).state;
    const again = drive(up, closed('outgoing'), INCOMING);
    expect(bits(again.actions)).toEqual([false, [true, true]]);
  });

  test('is not told any more once its window is over', () => {
    const over = drive(fresh, { type: 'own-restart-over' }, CONNECTED);
    expect(bits(over.actions)).toEqual([false, [true, false]]);
  });

  test('is not told at all without graceful restart', () => {
    const off = settings({ gracefulRestart: undefined });
    const change = { type: 'reconfigure', settings: off, reset: undefined } as const;
    expect(() => bits(drive(fresh, change, CONNECTED).actions)).toThrow('no capability 64');
  });
});
