import type { Timer } from '../../src/runtime/clock.ts';
import type { Random } from '../../src/runtime/random.ts';
import type { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { SessionAction } from '../../src/session/action.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import type { SessionSettings } from '../../src/session/settings.ts';
import { establishedSlot, newPeer, type PeerState, type Slot } from '../../src/session/state.ts';
import { step } from '../../src/session/step.ts';
import type { OpenMessage } from './support.ts';

type Delivery =
  | { readonly type: 'offer' | 'connected' | 'refused' | 'fin' | 'keepalive' | 'update' }
  | { readonly type: 'open'; readonly open: OpenMessage }
  | { readonly type: 'notification'; readonly code: number; readonly subcode: number };

/** A TCP connection: two streams in order, each piece delayed at random. */
class Channel {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #lastArrival = new Map<Party, number>();

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  send(to: Party, what: Delivery): void {
    const most = this.#random.next() < 0.1 ? 3000 : 50;
    const soonest = this.#clock.now() + this.#random.next() * most;
    const at = Math.max(soonest, this.#lastArrival.get(to) ?? 0);
    this.#lastArrival.set(to, at);
    this.#clock.setTimer('arrival', at - this.#clock.now(), () => to.receive(this, what));
  }
}

/** A speaker with one peer: the FSM with a network and timers around it. */
export class Party {
  readonly name: string;
  remote: Party | undefined;
  state: PeerState;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #channels = new Map<Slot, Channel>();
  readonly #timers = new Map<string, Timer>();
  #alive = false;
  #lives = 0;
  #dial: Channel | undefined;
  #offered: Channel | undefined;

  constructor(name: string, settings: SessionSettings, clock: VirtualClock, random: Random) {
    this.name = name;
    this.state = newPeer(settings);
    this.#clock = clock;
    this.#random = random;
  }

  get connections(): number {
    return this.#channels.size;
  }

  get established(): { readonly slot: Slot; readonly channel: Channel | undefined } | undefined {
    const slot = establishedSlot(this.state);
    return slot && { slot, channel: this.#channels.get(slot) };
  }

  start(): void {
    this.#alive = true;
    const own = { restarting: this.#lives++ > 0, forwarding: this.state.settings.families };
    this.#event({ type: 'start', own });
  }

  /** The process dies; its kernel closes the sockets. */
  kill(): void {
    this.#event({ type: 'stop', cease: 'silent' });
    this.#alive = false;
  }

  /** Every connection with the peer breaks; both sides learn of it, each in its time. */
  cut(): void {
    for (const channel of this.#channels.values()) {
      channel.send(this, { type: 'fin' });
      this.#send(channel, { type: 'fin' });
    }
  }

  receive(channel: Channel, what: Delivery): void {
    if (what.type === 'offer') {
      this.#offer(channel);
    } else if (channel === this.#dial) {
      this.#dialled(channel, what);
    } else {
      const slot = this.#slotOf(channel);
      if (slot !== undefined) this.#message(slot, what);
    }
  }

  #offer(channel: Channel): void {
    this.#send(channel, { type: this.#alive ? 'connected' : 'refused' });
    if (!this.#alive) return;
    this.#offered = channel;
    this.#event({ type: 'incoming' });
  }

  #dialled(channel: Channel, what: Delivery): void {
    this.#dial = undefined;
    if (what.type === 'connected') {
      this.#channels.set('outgoing', channel);
      this.#event({ type: 'connected' });
    } else {
      this.#event({ type: 'dial-failed', detail: what.type });
    }
  }

  #message(slot: Slot, what: Delivery): void {
    switch (what.type) {
      case 'fin':
        this.#channels.delete(slot);
        this.#event({ type: 'closed', slot, detail: 'fin' });
        return;
      case 'open':
        this.#event({ type: 'open', slot, open: what.open });
        return;
      case 'notification':
        this.#event({ ...what, slot, data: new Uint8Array(0) });
        return;
      case 'keepalive':
      case 'update':
        this.#event({ type: what.type, slot });
        return;
      case 'offer':
      case 'connected':
      case 'refused':
        throw new Error(`${what.type} on a connection`);
    }
  }

  #event(event: SessionEvent): void {
    const { state, actions } = step(this.state, event);
    this.state = state;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: SessionAction): void {
    switch (action.type) {
      case 'dial':
        this.#dial = new Channel(this.#clock, this.#random);
        this.#send(this.#dial, { type: 'offer' });
        return;
      case 'cancel-dial':
        if (this.#dial !== undefined) this.#send(this.#dial, { type: 'fin' });
        this.#dial = undefined;
        return;
      case 'accept':
        if (this.#offered !== undefined) this.#channels.set('incoming', this.#offered);
        return;
      case 'reject':
        if (this.#offered !== undefined) this.#send(this.#offered, { type: 'fin' });
        return;
      case 'send-open':
        this.#sendOn(action.slot, { type: 'open', open: action.open });
        return;
      case 'send-keepalive':
        this.#sendOn(action.slot, { type: 'keepalive' });
        return;
      case 'session-up':
        this.#sendOn(action.slot, { type: 'update' });
        return;
      case 'notify-and-close':
        this.#sendOn(action.slot, { ...action, type: 'notification' });
        this.#close(action.slot);
        return;
      case 'close':
        this.#close(action.slot);
        return;
      case 'arm':
        this.#arm(action.timer, action.seconds * (action.jitter ? this.#jitter() : 1));
        return;
      case 'disarm':
        this.#timers.get(action.timer)?.cancel();
        return;
      case 'session-down':
      case 'resend':
      case 'mark-refresh':
      case 'sweep-refresh':
      case 'long-lived-stale':
      case 'sweep-stale':
        return;
    }
  }

  #arm(timer: Extract<SessionAction, { type: 'arm' }>['timer'], seconds: number): void {
    this.#timers.get(timer)?.cancel();
    // Output is always taken here, so that the send hold timer never finds it waiting.
    const quiet = timer.endsWith('send-hold') ? { quiet: 0 } : {};
    const fire = (): void => this.#event({ type: 'timer', timer, ...quiet });
    this.#timers.set(timer, this.#clock.setTimer(timer, seconds * 1000, fire));
  }

  #jitter(): number {
    return 0.75 + this.#random.next() / 4;
  }

  #close(slot: Slot): void {
    this.#sendOn(slot, { type: 'fin' });
    this.#channels.delete(slot);
  }

  #sendOn(slot: Slot, what: Delivery): void {
    const channel = this.#channels.get(slot);
    if (channel !== undefined) this.#send(channel, what);
  }

  #send(channel: Channel, what: Delivery): void {
    if (this.remote !== undefined) channel.send(this.remote, what);
  }

  #slotOf(channel: Channel): Slot | undefined {
    for (const [slot, one] of this.#channels) if (one === channel) return slot;
    return undefined;
  }
}
