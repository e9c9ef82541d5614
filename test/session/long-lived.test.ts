import { describe, expect, test } from 'vitest';
import type { SessionAction } from '../../src/session/action.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import type { SessionSettings } from '../../src/session/settings.ts';
import type { OwnRestart, PeerState } from '../../src/session/state.ts';
import {
  armedFor,
  CONNECTED,
  closed,
  drive,
  INCOMING,
  keepalive,
  NOT_RESTARTING,
  open,
  peerOpen,
  settings,
  started,
} from './support.ts';

const FOUR = 'ipv4-unicast';
const SIX = 'ipv6-unicast';
const LONG = { longLivedGracefulRestart: { staleTime: 3600 } };
const RESTART_OVER: SessionEvent = { type: 'timer', timer: 'gr-restart' };

const asked = (staleTime: number): Partial<SessionSettings> => ({
  longLivedGracefulRestart: { staleTime },
});

/** Established, by default with long-lived graceful restart on both sides. */
const up = (theirs: Partial<SessionSettings> = asked(600), ours = LONG): PeerState =>
  drive(started(ours), CONNECTED, open('outgoing', peerOpen(theirs)), keepalive('outgoing')).state;

const lost = (): PeerState => drive(up(), closed('outgoing'), RESTART_OVER).state;

/** The peer comes back on a connection that it dials. */
const back = (
  own: OwnRestart = { restarting: true, forwarding: [FOUR, SIX] },
  theirs: Partial<SessionSettings> = asked(600),
): SessionEvent[] => [INCOMING, open('incoming', peerOpen(theirs, own)), keepalive('incoming')];

const deeds = (actions: readonly SessionAction[]): string[] =>
  actions.flatMap((action) => {
    if (action.type === 'long-lived-stale') return [`keep ${action.family}`];
    if (action.type === 'sweep-stale') return [`sweep ${action.families} ${action.reason}`];
    return [];
  });

describe('when the restart time is over', () => {
  test('routes become long-lived stale for as long as the peer asks', () => {
    const step = drive(up(), closed('outgoing'), RESTART_OVER);
    expect(deeds(step.actions)).toEqual([`keep ${FOUR}`, `keep ${SIX}`]);
    expect(armedFor(step, `llgr-${FOUR}`)).toBe(600);
    expect(step.state.stale).toEqual([FOUR, SIX]);
  });

  test('but not longer than we allow', () => {
    const step = drive(up(asked(0xffffff)), closed('outgoing'), RESTART_OVER);
    expect(armedFor(step, `llgr-${SIX}`)).toBe(3600);
  });

  test.each<readonly [string, PeerState]>([
    ['the peer asks for no time', up(asked(0))],
    ['the peer only understands it', up({})],
    ['we only understand it', up(asked(600), {} as typeof LONG)],
  ])('they go where %s', (_why, state) => {
    const step = drive(state, closed('outgoing'), RESTART_OVER);
    expect(deeds(step.actions)).toEqual([`sweep ${FOUR},${SIX} restart-time-over`]);
  });

  test('it begins at once where the restart time is 0', () => {
    const theirs = { ...asked(600), gracefulRestart: { restartTime: 0, notification: false } };
    const step = drive(up(theirs), closed('outgoing'));
    expect(deeds(step.actions)).toEqual([`keep ${FOUR}`, `keep ${SIX}`]);
    expect(step.state.armed.has('gr-restart')).toBe(false);
  });

  test('a family of its own capability is kept, another goes', () => {
    const open64 = peerOpen(asked(600));
    const capabilities = open64.capabilities.map((capability) =>
      capability.type === 'long-lived-graceful-restart'
        ? { ...capability, families: capability.families.filter(({ afi }) => afi === 2) }
        : capability,
    );
    const state = drive(
      started(LONG),
      CONNECTED,
      open('outgoing', { ...open64, capabilities }),
      keepalive('outgoing'),
    ).state;
    const step = drive(state, closed('outgoing'), RESTART_OVER);
    expect(deeds(step.actions)).toEqual([`sweep ${FOUR} restart-time-over`, `keep ${SIX}`]);
  });
});

describe('long-lived stale routes', () => {
  test('go when their time is over, each family by itself', () => {
    const step = drive(lost(), { type: 'timer', timer: `llgr-${FOUR}` });
    expect(deeds(step.actions)).toEqual([`sweep ${FOUR} long-lived-time-over`]);
    expect(step.state.stale).toEqual([SIX]);
  });

  test('stay when the peer is back, until its End-of-RIB', () => {
    const step = drive(lost(), ...back());
    expect(deeds(step.actions)).toEqual([]);
    expect(step.state.armed.has(`llgr-${FOUR}`)).toBe(true);
    const ended = drive(step.state, { type: 'end-of-rib', family: FOUR });
    expect(deeds(ended.actions)).toEqual([`sweep ${FOUR} end-of-rib`]);
    expect(ended.state.armed.has(`llgr-${FOUR}`)).toBe(false);
  });

  test('are swept by their own timer, not by that of graceful restart', () => {
    const step = drive(lost(), ...back(), { type: 'timer', timer: 'gr-stale' });
    expect(deeds(step.actions)).toEqual([]);
    const over = drive(step.state, { type: 'timer', timer: `llgr-${FOUR}` });
    expect(deeds(over.actions)).toEqual([`sweep ${FOUR} long-lived-time-over`]);
  });

  test.each<readonly [string, SessionEvent[]]>([
    ['with the F bit of its capability clear', back(NOT_RESTARTING)],
    ['without the capability', back({ restarting: true, forwarding: [FOUR, SIX] }, {})],
    [
      'without graceful restart',
      back(NOT_RESTARTING, { ...asked(600), gracefulRestart: undefined }),
    ],
  ])('go at once when the peer comes back %s', (_what, events) => {
    expect(deeds(drive(lost(), ...events).actions)).toEqual([
      `sweep ${FOUR},${SIX} forwarding-not-preserved`,
    ]);
  });

  test('outlive a second loss, whose timer is that of the first', () => {
    const step = drive(lost(), ...back(), closed('incoming'));
    expect(deeds(step.actions)).toEqual([]);
    expect(armedFor(step, `llgr-${FOUR}`)).toBeUndefined();
    const over = drive(step.state, RESTART_OVER);
    expect(deeds(over.actions)).toEqual([`keep ${FOUR}`, `keep ${SIX}`]);
    expect(armedFor(over, `llgr-${FOUR}`)).toBeUndefined();
  });

  test('go with the peer from the configuration', () => {
    const cease = { subcode: 3, data: new Uint8Array(0) };
    const step = drive(lost(), { type: 'stop', cease });
    expect(deeds(step.actions)).toEqual([`sweep ${FOUR},${SIX} stopped`]);
    expect(step.state.armed.size).toBe(0);
  });
});

describe('our capability', () => {
  const capability = (change: Partial<SessionSettings>, own = NOT_RESTARTING) =>
    peerOpen(change, own).capabilities.find(({ type }) => type === 'long-lived-graceful-restart');

  test('names no family where we only understand it', () => {
    expect(capability({})).toMatchObject({ families: [] });
    expect(capability({ gracefulRestart: undefined, ...LONG })).toBeUndefined();
  });

  test('names each family with the time and whether its forwarding state was kept', () => {
    const families = [SIX] as const;
    const own = { restarting: true, forwarding: [SIX] } as const;
    expect(capability({ ...LONG, families }, own)).toMatchObject({
      families: [{ afi: 2, safi: 1, forwarding: true, staleTime: 3600 }],
    });
    expect(settings(LONG).longLivedGracefulRestart).toEqual({ staleTime: 3600 });
  });
});
