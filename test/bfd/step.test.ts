import { describe, expect, test } from 'vitest';
import type { ControlPacket } from '../../src/bfd/packet.ts';
import type { Session, SessionState } from '../../src/bfd/session-state.ts';
import { newSession, type SessionEvent, type Step, step } from '../../src/bfd/step.ts';
import { every } from './support.ts';

const packet = (state: SessionState, over: Partial<ControlPacket> = {}): SessionEvent => ({
  type: 'packet',
  packet: {
    state,
    diagnostic: 0,
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    demand: false,
    detectMultiplier: 3,
    myDiscriminator: 9,
    yourDiscriminator: 7,
    desiredMinTx: 300_000,
    requiredMinRx: 300_000,
    requiredMinEchoRx: 0,
    ...over,
  },
});

/** Runs events one after the other; the actions are those of all. */
function drive(session: Session, ...events: readonly SessionEvent[]): Step {
  const actions = [];
  let last: Step = { session, actions: [], reason: 'unchanged' };
  for (const event of events) {
    last = step(last.session, event);
    actions.push(...last.actions);
  }
  return { ...last, actions };
}

const fresh = newSession(7, every(300, 300, 3));
const reach: Readonly<Record<SessionState, Session>> = {
  'admin-down': drive(fresh, { type: 'stop' }).session,
  down: fresh,
  init: drive(fresh, packet('down')).session,
  up: drive(fresh, packet('init')).session,
};

/** Up, and the peer has confirmed our pace. */
const settled = drive(reach.up, packet('up', { final: true })).session;

const sent = ({ actions }: Step): readonly ControlPacket[] =>
  actions.flatMap((action) => (action.type === 'send' ? [action.packet] : []));

const armed = ({ actions }: Step, timer: 'transmit' | 'detect') => {
  const found = actions.findLast((action) => action.type === 'arm' && action.timer === timer);
  return found?.type === 'arm' ? [found.least / 1000, found.most / 1000] : undefined;
};

describe('the state machine of RFC 5880 §6.2', () => {
  test.each<[SessionState, SessionState, SessionState]>([
    ['down', 'admin-down', 'down'],
    ['down', 'down', 'init'],
    ['down', 'init', 'up'],
    ['down', 'up', 'down'],
    ['init', 'admin-down', 'down'],
    ['init', 'down', 'init'],
    ['init', 'init', 'up'],
    ['init', 'up', 'up'],
    ['up', 'admin-down', 'down'],
    ['up', 'down', 'down'],
    ['up', 'init', 'up'],
    ['up', 'up', 'up'],
    ['admin-down', 'admin-down', 'admin-down'],
    ['admin-down', 'down', 'admin-down'],
    ['admin-down', 'init', 'admin-down'],
    ['admin-down', 'up', 'admin-down'],
  ])('in %s, hearing %s, is in %s', (from, heard, to) => {
    expect(drive(reach[from], packet(heard)).session.state).toBe(to);
  });

  test.each<[SessionState, SessionState, number]>([
    ['init', 'down', 1],
    ['up', 'down', 1],
    ['down', 'down', 0],
    ['admin-down', 'admin-down', 7],
  ])('in %s, after silence, is in %s with diagnostic %i', (from, to, diagnostic) => {
    const { session } = drive(reach[from], { type: 'detection-time-expired' });
    expect(session).toMatchObject({ state: to, diagnostic, remote: { discriminator: 0 } });
  });

  test('tells failure from a peer that switches its session off', () => {
    expect(drive(settled, packet('down'))).toMatchObject({
      reason: 'neighbor-signaled-down',
      session: { diagnostic: 3 },
    });
    expect(drive(settled, packet('admin-down'))).toMatchObject({
      reason: 'neighbor-admin-down',
      session: { diagnostic: 3 },
    });
  });
});

describe('packets', () => {
  test('carry what is configured, no Echo, no Demand and the C bit clear', () => {
    expect(sent(drive(fresh, { type: 'start' }))).toEqual([
      {
        state: 'down',
        diagnostic: 0,
        poll: false,
        final: false,
        controlPlaneIndependent: false,
        demand: false,
        detectMultiplier: 3,
        myDiscriminator: 7,
        yourDiscriminator: 0,
        desiredMinTx: 1_000_000,
        requiredMinRx: 300_000,
        requiredMinEchoRx: 0,
      },
    ]);
  });

  test('go out at once when the state moves, not when nothing is new', () => {
    expect(sent(drive(fresh, packet('down'))).map(({ state }) => state)).toEqual(['init']);
    expect(sent(drive(settled, packet('down')))).toMatchObject([{ state: 'down', diagnostic: 3 }]);
    expect(sent(drive(settled, packet('up')))).toEqual([]);
  });

  test('answer a Poll at once, even our own one, and never have both bits', () => {
    const answer = sent(drive(settled, packet('up', { poll: true })));
    expect(answer).toMatchObject([{ state: 'up', poll: false, final: true }]);
    const meanwhile = sent(drive(reach.up, packet('up', { poll: true }), { type: 'transmit-due' }));
    expect(meanwhile).toMatchObject([
      { poll: false, final: true },
      { poll: true, final: false },
    ]);
  });

  test('are not answered while the session is switched off', () => {
    expect(sent(drive(reach['admin-down'], packet('up', { poll: true })))).toEqual([]);
  });
});

describe('the pace', () => {
  test('is a second until the session is up, then what both can do', () => {
    expect(armed(drive(fresh, { type: 'start' }), 'transmit')).toEqual([750, 1000]);
    expect(armed(drive(fresh, packet('init')), 'transmit')).toEqual([225, 300]);
    const slowPeer = drive(fresh, packet('init', { requiredMinRx: 400_000 }));
    expect(armed(slowPeer, 'transmit')).toEqual([300, 400]);
  });

  test('leaves a tenth of the interval when one packet decides (RFC 5880 §6.8.7)', () => {
    const one = drive(newSession(7, every(300, 300, 1)), packet('init'));
    expect(armed(one, 'transmit')).toEqual([225, 270]);
  });

  test('stops for a peer that takes no packets, and goes on when it takes them again', () => {
    const stopped = drive(settled, packet('up', { requiredMinRx: 0 }));
    expect(stopped.actions).toContainEqual({ type: 'disarm', timer: 'transmit' });
    expect(armed(drive(stopped.session, packet('up')), 'transmit')).toEqual([225, 300]);
  });

  test('stops for a peer in Demand mode unless we poll', () => {
    const demanded = drive(settled, packet('up', { demand: true }));
    expect(demanded.actions).toContainEqual({ type: 'disarm', timer: 'transmit' });
    const polling = drive(demanded.session, { type: 'configure', settings: every(200, 300, 3) });
    expect(sent(polling)).toMatchObject([{ poll: true, desiredMinTx: 200_000 }]);
    expect(armed(polling, 'transmit')).toEqual([225, 300]);
    const over = drive(polling.session, packet('up', { demand: true, final: true }));
    expect(over.actions).toContainEqual({ type: 'disarm', timer: 'transmit' });
  });

  test('of the peer gives the detection time, by its multiplier (RFC 5880 §6.8.4)', () => {
    const heard = drive(settled, packet('up', { detectMultiplier: 5, desiredMinTx: 400_000 }));
    expect(armed(heard, 'detect')).toEqual([2000, 2000]);
    const fast = drive(settled, packet('up', { detectMultiplier: 5, desiredMinTx: 10_000 }));
    expect(armed(fast, 'detect')).toEqual([1500, 1500]);
  });
});

describe('a Poll Sequence (RFC 5880 §6.8.3)', () => {
  const slower = drive(settled, { type: 'configure', settings: every(900, 900, 3) });
  const faster = drive(settled, { type: 'configure', settings: every(100, 100, 3) });

  test('tells new timers at once', () => {
    expect(sent(slower)).toMatchObject([
      { poll: true, desiredMinTx: 900_000, requiredMinRx: 900_000 },
    ]);
  });

  test('keeps the old pace until the peer knows the slower one', () => {
    expect(armed(drive(slower.session, { type: 'transmit-due' }), 'transmit')).toEqual([225, 300]);
    const over = drive(slower.session, packet('up', { final: true }), { type: 'transmit-due' });
    expect(armed(over, 'transmit')).toEqual([675, 900]);
  });

  test('keeps the old detection time until the peer knows that it must send faster', () => {
    const same = packet('up', { desiredMinTx: 100_000 });
    expect(armed(drive(faster.session, same), 'detect')).toEqual([900, 900]);
    const final = packet('up', { desiredMinTx: 100_000, final: true });
    expect(armed(drive(faster.session, final), 'detect')).toEqual([300, 300]);
  });

  test('is over before the next one begins', () => {
    const waits = drive(slower.session, { type: 'configure', settings: every(200, 200, 3) });
    expect(waits.reason).toBe('reconfiguration-waits');
    expect(sent(waits)).toEqual([]);
    const next = drive(waits.session, packet('up', { final: true }));
    expect(sent(next)).toMatchObject([{ poll: true, desiredMinTx: 200_000 }]);
  });

  test('is not needed by a session that is down', () => {
    const { session } = drive(fresh, { type: 'configure', settings: every(2000, 900, 3) });
    expect(session).toMatchObject({ polling: false, inForce: { desiredMinTx: 2_000_000 } });
  });
});
