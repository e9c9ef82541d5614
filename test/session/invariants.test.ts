import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Step } from '../../src/session/action.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import type { SessionSettings } from '../../src/session/settings.ts';
import { fsmState, newPeer, type PeerState, type Slot } from '../../src/session/state.ts';
import { step } from '../../src/session/step.ts';
import { NOT_RESTARTING, peerOpen, settings } from './support.ts';

const SLOTS = ['outgoing', 'incoming'] as const;
const NO_DATA = new Uint8Array(0);

/** The world of one peer as its host sees it: what exists and runs according to the actions. */
class Host {
  state: PeerState;
  dialling = false;
  readonly open = new Set<Slot>();
  readonly timers = new Set<string>();
  up = false;

  constructor(change: Partial<SessionSettings>) {
    this.state = newPeer(settings(change));
  }

  /** True if the event can happen at all. */
  possible(event: SessionEvent): boolean {
    if ('slot' in event) return this.open.has(event.slot);
    if (event.type === 'connected' || event.type === 'dial-failed') return this.dialling;
    return event.type !== 'timer' || this.timers.has(event.timer);
  }

  run(event: SessionEvent): void {
    if (!this.possible(event)) return;
    if (event.type === 'timer') this.timers.delete(event.timer);
    if (event.type === 'connected' || event.type === 'dial-failed') this.dialling = false;
    if (event.type === 'connected') this.open.add('outgoing');
    if (event.type === 'closed') this.open.delete(event.slot);
    // A silent exit tells nobody that the session is over.
    if (event.type === 'stop' && event.cease === 'silent') this.up = false;
    const result = step(this.state, event);
    this.state = result.state;
    this.#perform(result);
    this.#judge(event, result);
  }

  #perform({ actions }: Step): void {
    for (const action of actions) {
      if ('slot' in action && action.type !== 'session-up') {
        expect(this.open.has(action.slot), `${action.type} on a closed slot`).toBe(true);
      }
      if (action.type === 'dial') {
        expect(this.dialling, 'two dials outstanding').toBe(false);
        expect(this.open.has('outgoing'), 'dial beside a dialled connection').toBe(false);
        this.dialling = true;
      }
      if (action.type === 'cancel-dial') {
        expect(this.dialling, 'no dial to give up').toBe(true);
        this.dialling = false;
      }
      if (action.type === 'accept') {
        expect(this.open.has('incoming'), 'two incoming connections').toBe(false);
        this.open.add('incoming');
      }
      if (action.type === 'close' || action.type === 'notify-and-close') {
        this.open.delete(action.slot);
      }
      if (action.type === 'arm') {
        expect(action.seconds, action.timer).toBeGreaterThan(0);
        this.timers.add(action.timer);
      }
      if (action.type === 'disarm') this.timers.delete(action.timer);
      if (action.type === 'session-up' || action.type === 'session-down') {
        expect(this.up, action.type).toBe(action.type === 'session-down');
        this.up = action.type === 'session-up';
      }
    }
  }

  #judge(event: SessionEvent, { actions }: Step): void {
    const { state } = this;
    expect(state.armed).toEqual(this.timers);
    const connections = SLOTS.map((slot) => state[slot]);
    expect(SLOTS.filter((slot) => state[slot] !== undefined)).toEqual(
      SLOTS.filter((slot) => this.open.has(slot)),
    );
    expect(this.dialling).toBe(state.approach === 'connect');
    const established = connections.filter((one) => one?.state === 'established').length;
    expect(established).toBe(this.up ? 1 : 0);
    if (established === 1) expect(this.open.size).toBe(1);
    for (const slot of SLOTS) this.#judgeTimers(slot);
    if (event.type === 'stop') {
      expect([fsmState(state), this.open.size, this.timers.size]).toEqual(['idle', 0, 0]);
    }
    const notes = actions.filter((action) => action.type === 'notify-and-close').length;
    if (event.type === 'malformed') expect(notes).toBe(1);
    if (event.type === 'notification' || event.type === 'closed') expect(notes).toBe(0);
    if (state.enabled && state.approach === 'idle') expect(this.timers.has('idle-hold')).toBe(true);
    const dials = state.enabled && state.mayDial && state.settings.dial;
    if (dials && state.approach !== 'idle' && this.open.size === 0) {
      expect(this.timers.has('connect-retry')).toBe(true);
    }
    for (const family of state.stale) {
      const guards = [this.up ? 'gr-stale' : 'gr-restart', `llgr-${family}`];
      expect(guards.some((name) => this.timers.has(name))).toBe(true);
    }
  }

  /** A connection always has the timer that ends it if the peer falls silent. */
  #judgeTimers(slot: Slot): void {
    const connection = this.state[slot];
    if (connection === undefined) {
      expect([...this.timers].filter((timer) => timer.startsWith(slot))).toEqual([]);
    } else if (connection.state === 'open-sent') {
      expect(this.timers.has(`${slot}/open-hold`)).toBe(true);
    } else {
      const needed = connection.negotiated.holdTime > 0;
      expect(this.timers.has(`${slot}/hold`)).toBe(needed);
      const opening = connection.state === 'open-confirm' && !needed;
      expect(this.timers.has(`${slot}/open-hold`)).toBe(opening);
      expect(this.timers.has(`${slot}/keepalive`)).toBe(needed);
    }
  }
}

const slot = fc.constantFrom(...SLOTS);
const opens = [
  peerOpen(),
  peerOpen({ routerId: 0x0a000000 }),
  peerOpen({}, { restarting: true, forwarding: ['ipv4-unicast'] }),
  peerOpen({}, { restarting: false, forwarding: ['ipv4-unicast', 'ipv6-unicast'] }),
  peerOpen({ gracefulRestart: undefined, holdTime: 0 }),
  peerOpen({ longLivedGracefulRestart: { staleTime: 60 } }),
  peerOpen(
    {
      gracefulRestart: { restartTime: 0, notification: true },
      longLivedGracefulRestart: { staleTime: 60 },
    },
    { restarting: true, forwarding: ['ipv6-unicast'] },
  ),
  peerOpen({ localAsn: 65009 }),
  { ...peerOpen(), holdTime: 1 },
  peerOpen({ families: ['ipv6-unicast'] }),
];

const timer = fc.constantFrom(
  ...([
    'connect-retry',
    'idle-hold',
    'error-forget',
    'gr-restart',
    'gr-stale',
    'llgr-ipv4-unicast',
    'llgr-ipv6-unicast',
  ] as const),
  ...SLOTS.flatMap((name) =>
    (
      [
        'open-hold',
        'hold',
        'keepalive',
        'send-hold',
        'refresh-ipv4-unicast',
        'refresh-ipv6-unicast',
      ] as const
    ).map((kind) => `${name}/${kind}` as const),
  ),
);

const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<SessionEvent>({ type: 'connected' }) },
  { weight: 4, arbitrary: fc.constant<SessionEvent>({ type: 'incoming' }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('open'), slot, open: fc.constantFrom(...opens) }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('keepalive'), slot }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('update'), slot }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('route-refresh'),
      slot,
      family: fc.constantFrom('ipv4-unicast', 'ipv6-unicast', undefined),
      subtype: fc.nat(3),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('timer'),
      timer,
      quiet: fc.constantFrom(0, 10, 1000),
      unread: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('closed'), slot, detail: fc.constant('reset') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('notification'),
      slot,
      code: fc.constantFrom(2, 4, 6),
      subcode: fc.nat(9),
      data: fc.constant(NO_DATA),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('malformed'),
      slot,
      code: fc.constantFrom(1, 2, 3),
      subcode: fc.nat(3),
      data: fc.constant(NO_DATA),
      detail: fc.constant('bad'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<SessionEvent>(
      { type: 'dial-failed', detail: 'refused' },
      { type: 'retry' },
      { type: 'own-restart-over' },
      { type: 'end-of-rib', family: 'ipv4-unicast' },
      { type: 'end-of-rib', family: 'ipv6-unicast' },
      { type: 'cease', subcode: 1, data: NO_DATA, retry: 'after-idle-hold' },
      { type: 'cease', subcode: 1, data: NO_DATA, retry: { after: 900 } },
      { type: 'cease', subcode: 4, data: NO_DATA, retry: 'at-once' },
      { type: 'reconfigure', settings: settings({ dial: false }), reset: undefined },
      { type: 'reconfigure', settings: settings(), reset: 6 },
      { type: 'stop', cease: 'silent' },
      { type: 'stop', cease: { subcode: 2, data: NO_DATA } },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant<SessionEvent>({ type: 'start', own: NOT_RESTARTING }),
  },
);

/** Random events, among them whole handshakes, so that runs get far. */
const events: fc.Arbitrary<SessionEvent[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: event.map((one) => [one]) },
      {
        weight: 1,
        arbitrary: fc
          .record({ by: slot, open: fc.constantFrom(...opens) })
          .map(({ by, open }): SessionEvent[] => [
            by === 'incoming' ? { type: 'incoming' } : { type: 'connected' },
            { type: 'open', slot: by, open },
            { type: 'keepalive', slot: by },
          ]),
      },
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((parts) => parts.flat());

const change: fc.Arbitrary<Partial<SessionSettings>> = fc.constantFrom(
  {},
  { dial: false },
  { gracefulRestart: undefined },
  { longLivedGracefulRestart: { staleTime: 300 } },
  {
    gracefulRestart: { restartTime: 120, notification: true },
    longLivedGracefulRestart: { staleTime: 300 },
  },
  { dial: false, errorWait: { min: 0, max: 0 } },
  { families: ['ipv4-unicast'] },
);

test('whatever happens, actions fit what exists and nothing is left unguarded', () => {
  fc.assert(
    fc.property(change, events, (mine, run) => {
      const host = new Host(mine);
      host.run({ type: 'start', own: NOT_RESTARTING });
      for (const one of run) host.run(one);
    }),
    { numRuns: 10 * Number(process.env['FC_RUNS'] ?? 100) },
  );
});

test('random runs do get to Established and to stale routes', () => {
  const seen = new Set<string>();
  for (const run of fc.sample(events, { numRuns: 300, seed: 1 })) {
    const host = new Host({});
    host.run({ type: 'start', own: NOT_RESTARTING });
    for (const one of run) {
      host.run(one);
      seen.add(fsmState(host.state));
      if (host.state.stale.length > 0) seen.add(host.up ? 'stale and up' : 'stale and down');
    }
  }
  expect([...seen].sort()).toEqual([
    'active',
    'connect',
    'established',
    'idle',
    'open-confirm',
    'open-sent',
    'stale and down',
    'stale and up',
  ]);
});
