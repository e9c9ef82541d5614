import type { Notification } from '../wire/notification.ts';
import type { SessionAction, Step } from './action.ts';
import type { SessionReason } from './reason.ts';
import type {
  Connection,
  ConnectionTimer,
  NotificationRecord,
  PeerState,
  Slot,
  TimerName,
} from './state.ts';

const CONNECTION_TIMERS: readonly ConnectionTimer[] = [
  'open-hold',
  'hold',
  'keepalive',
  'send-hold',
  'refresh-ipv4-unicast',
  'refresh-ipv6-unicast',
];

/** One run of `step` while it is under way: collects the next state, actions and reason. */
export class Turn {
  readonly #actions: SessionAction[] = [];
  #peer: PeerState;
  #reason: SessionReason = 'unchanged';
  #detail = '';

  constructor(peer: PeerState) {
    this.#peer = peer;
  }

  get peer(): PeerState {
    return this.#peer;
  }

  /** The last reason wins: the outermost handler speaks last. */
  because(reason: SessionReason, detail = ''): void {
    this.#reason = reason;
    this.#detail = detail;
  }

  /** As `because`, and keeps it on display as the peer's last error. */
  fails(reason: SessionReason, detail = ''): void {
    this.because(reason, detail);
    this.set({ lastError: { reason, detail } });
  }

  set(change: Partial<PeerState>): void {
    this.#peer = { ...this.#peer, ...change };
  }

  setConnection(slot: Slot, connection: Connection | undefined): void {
    this.set(slot === 'outgoing' ? { outgoing: connection } : { incoming: connection });
  }

  act(action: SessionAction): void {
    this.#actions.push(action);
  }

  /** Starts a timer; jittered, as RFC 4271 §10 wants, where peers could march in step. */
  arm(timer: TimerName, seconds: number, jitter: 'jitter' | 'exact' = 'exact'): void {
    if (!this.#peer.armed.has(timer)) {
      this.set({ armed: new Set(this.#peer.armed).add(timer) });
    }
    this.act({ type: 'arm', timer, seconds, jitter: jitter === 'jitter' });
  }

  disarm(timer: TimerName): void {
    if (this.forgetTimer(timer)) this.act({ type: 'disarm', timer });
  }

  /** Marks an expired timer as no longer armed; false if it was not. */
  forgetTimer(timer: TimerName): boolean {
    if (!this.#peer.armed.has(timer)) return false;
    const armed = new Set(this.#peer.armed);
    armed.delete(timer);
    this.set({ armed });
    return true;
  }

  /** Closes without a NOTIFICATION and frees the slot. */
  close(slot: Slot): void {
    this.act({ type: 'close', slot });
    this.vacate(slot);
  }

  /** Sends a NOTIFICATION, closes, and frees the slot. */
  notify(slot: Slot, cause: Notification, text: string): void {
    const { code, subcode, data } = cause;
    const record: NotificationRecord = { direction: 'sent', code, subcode, data, text };
    this.set({ lastNotification: record });
    this.act({ type: 'notify-and-close', slot, code, subcode, data });
    this.vacate(slot);
  }

  /** Frees the slot of a connection that is gone, with its timers. */
  vacate(slot: Slot): void {
    for (const timer of CONNECTION_TIMERS) this.disarm(`${slot}/${timer}`);
    this.setConnection(slot, undefined);
  }

  done(): Step {
    return {
      state: this.#peer,
      actions: this.#actions,
      reason: this.#reason,
      detail: this.#detail,
    };
  }
}
