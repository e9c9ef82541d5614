import type { SessionAction, Step } from '../../src/session/action.ts';
import { buildOpen } from '../../src/session/build-open.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { DEFAULT_SETTINGS, type SessionSettings } from '../../src/session/settings.ts';
import { newPeer, type OwnRestart, type PeerState, type Slot } from '../../src/session/state.ts';
import { step } from '../../src/session/step.ts';

export type OpenMessage = ReturnType<typeof buildOpen>;

export const NOT_RESTARTING: OwnRestart = { restarting: false, forwarding: [] };

/** We are 10.0.0.1 in AS 65000, the peer is 10.0.0.2 in AS 65001. */
export const SETTINGS: SessionSettings = {
  ...DEFAULT_SETTINGS,
  localAsn: 65000,
  remoteAsn: 65001,
  routerId: 0x0a000001,
  families: ['ipv4-unicast', 'ipv6-unicast'],
  gracefulRestart: { restartTime: 120, notification: false },
};

export const settings = (change: Partial<SessionSettings> = {}): SessionSettings => ({
  ...SETTINGS,
  ...change,
});

/** The OPEN of the peer at the other end of `mine`, with settings of its own. */
export function peerOpen(
  change: Partial<SessionSettings> = {},
  own: OwnRestart = NOT_RESTARTING,
  mine: SessionSettings = SETTINGS,
): OpenMessage {
  const theirs: SessionSettings = {
    ...mine,
    localAsn: mine.remoteAsn,
    remoteAsn: mine.localAsn,
    routerId: 0x0a000002,
    ...change,
  };
  return buildOpen(theirs, own);
}

/** Runs events one after the other; the actions are those of all, the reason is the last one's. */
export function drive(state: PeerState, ...events: readonly SessionEvent[]): Step {
  let last: Step = { state, actions: [], reason: 'unchanged', detail: '' };
  const actions: SessionAction[] = [];
  for (const event of events) {
    last = step(last.state, event);
    actions.push(...last.actions);
  }
  return { ...last, actions };
}

export const START: SessionEvent = { type: 'start', own: NOT_RESTARTING };
export const CONNECTED: SessionEvent = { type: 'connected' };
export const INCOMING: SessionEvent = { type: 'incoming' };

export const open = (slot: Slot, message: OpenMessage = peerOpen()): SessionEvent => ({
  type: 'open',
  slot,
  open: message,
});

export const keepalive = (slot: Slot): SessionEvent => ({ type: 'keepalive', slot });

export const closed = (slot: Slot): SessionEvent => ({ type: 'closed', slot, detail: 'reset' });

export const notification = (slot: Slot, code: number, subcode: number): SessionEvent => ({
  type: 'notification',
  slot,
  code,
  subcode,
  data: new Uint8Array(0),
});

/** A started peer whose dial is outstanding, or that listens if it never dials. */
export const started = (change: Partial<SessionSettings> = {}): PeerState =>
  drive(newPeer(settings(change)), START).state;

export const inOpenSent = (change: Partial<SessionSettings> = {}): PeerState =>
  drive(started(change), CONNECTED).state;

export const inOpenConfirm = (change: Partial<SessionSettings> = {}): PeerState =>
  drive(inOpenSent(change), open('outgoing')).state;

/** Established on the outgoing connection. */
export const inEstablished = (change: Partial<SessionSettings> = {}): PeerState =>
  drive(inOpenConfirm(change), keepalive('outgoing')).state;

/** The types of actions other than those of timers. */
export const deeds = ({ actions }: Step): string[] =>
  actions.map(({ type }) => type).filter((type) => type !== 'arm' && type !== 'disarm');

/** Code, subcode and data of the NOTIFICATIONs sent. */
export const notified = ({ actions }: Step): (readonly [Slot, number, number, number[]])[] =>
  actions.flatMap((action) =>
    action.type === 'notify-and-close'
      ? [[action.slot, action.code, action.subcode, [...action.data]] as const]
      : [],
  );

/** Seconds for which a step arms a timer, or undefined. */
export const armedFor = ({ actions }: Step, timer: string): number | undefined =>
  actions.findLast(
    (action): action is Extract<SessionAction, { type: 'arm' }> =>
      action.type === 'arm' && action.timer === timer,
  )?.seconds;
