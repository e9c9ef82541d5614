import type { PeerConfig } from '../config/types.ts';
import { afiOf, type Family, SAFI_UNICAST } from '../net/family.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Random } from '../runtime/random.ts';
import type { SessionAction } from '../session/action.ts';
import type { SessionEvent } from '../session/event.ts';
import type { Negotiated } from '../session/negotiated.ts';
import { SESSION_REASONS } from '../session/reason.ts';
import {
  fsmState,
  newPeer,
  type OwnRestart,
  type PeerState,
  type Slot,
  type TimerName,
} from '../session/state.ts';
import { step } from '../session/step.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import { encodeKeepalive } from '../wire/keepalive.ts';
import { ADMINISTRATIVE_RESET, encodeNotification, shutdownData } from '../wire/notification.ts';
import { encodeOpen, type OpenMessage } from '../wire/open.ts';
import { encodeRouteRefresh, REFRESH_REQUEST } from '../wire/route-refresh.ts';
import { MessageCounts } from './message-counts.ts';
import { PeerConnections } from './peer-connections.ts';
import type { LinkOwner, PeerLink } from './peer-link.ts';
import type { PeerRoutes } from './peer-routes.ts';
import { PeerTimers } from './peer-timers.ts';
import { type Identity, sessionSettings } from './session-settings.ts';

/** What a peer uses of its speaker. */
export interface PeerContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly probe: Probe;
  readonly transport: Transport;
  /** As configured now. */
  readonly identity: () => Identity;
  /** The session came up or went down. */
  moved(peer: Peer): void;
  /** Nothing of the peer is left: no connection, no stale route, no wait that it must keep. */
  vacated(peer: Peer): void;
  endOfRib(peer: Peer, family: Family): void;
}

/** Milliseconds in which the loop reads once more before a silent peer is judged. */
const LAST_READ = 50;

/** One configured peer: runs its FSM, and does what the FSM asks for. */
export class Peer implements LinkOwner {
  readonly name: string;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly received: MessageCounts = new MessageCounts();
  readonly sent: MessageCounts = new MessageCounts();
  readonly routes: PeerRoutes;
  readonly #context: PeerContext;
  readonly #logger: Logger;
  readonly #timers: PeerTimers;
  readonly #connections: PeerConnections;
  readonly #events: SessionEvent[] = [];
  #config: PeerConfig;
  #state: PeerState;
  #working = false;
  #reason = '';
  #since: number;
  #flaps = 0;
  #negotiated: Negotiated | undefined;
  #sentOpen: OpenMessage | undefined;
  #receivedOpen: OpenMessage | undefined;
  #errorAt = 0;
  #notifiedAt = 0;

  constructor(config: PeerConfig, routes: PeerRoutes, context: PeerContext) {
    this.name = config.name;
    this.clock = context.clock;
    this.probe = context.probe;
    this.routes = routes;
    this.#config = config;
    this.#context = context;
    this.#logger = context.logger.child({ peer: config.name, asn: config.asn });
    this.#timers = new PeerTimers(config.name, context.clock, context.random, (timer) =>
      this.#expired(timer),
    );
    this.#connections = new PeerConnections(this, context.transport);
    this.#state = newPeer(sessionSettings(config, context.identity()));
    this.#since = context.clock.wallTime();
  }

  get config(): PeerConfig {
    return this.#config;
  }

  get state(): PeerState {
    return this.#state;
  }

  /** The last transition in words. */
  get reason(): string {
    return this.#reason;
  }

  /** Wall-clock milliseconds of the last change of the FSM's state. */
  get since(): number {
    return this.#since;
  }

  /** Times that the session left Established. */
  get flaps(): number {
    return this.#flaps;
  }

  /** Of the established session, else undefined. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** The last OPEN in each direction. */
  get opens(): {
    readonly sent: OpenMessage | undefined;
    readonly received: OpenMessage | undefined;
  } {
    return { sent: this.#sentOpen, received: this.#receivedOpen };
  }

  /** Wall-clock milliseconds of `state.lastError` and `state.lastNotification`. */
  get times(): { readonly error: number; readonly notification: number } {
    return { error: this.#errorAt, notification: this.#notifiedAt };
  }

  /** The connection of the most advanced session. */
  get link(): PeerLink | undefined {
    const slot = this.#state.outgoing?.state === 'established' ? 'outgoing' : 'incoming';
    return this.#connections.get(slot) ?? this.#connections.get('outgoing');
  }

  /** Seconds left of a timer; undefined when it is not armed. */
  timerLeft(timer: TimerName): number | undefined {
    return this.#timers.left(timer);
  }

  start(own: OwnRestart): void {
    this.event({ type: 'start', own });
  }

  /** Ends the session: with a Cease of this subcode, or as if the process had died. */
  stop(cease: number | 'silent', data: Uint8Array = new Uint8Array(0)): void {
    this.event({ type: 'stop', cease: cease === 'silent' ? cease : { subcode: cease, data } });
  }

  /** Puts a new configuration in force; `reset` is the Cease subcode if the session must restart. */
  reconfigure(config: PeerConfig, reset: number | undefined): void {
    this.#config = config;
    const settings = sessionSettings(config, this.#context.identity());
    this.event({ type: 'reconfigure', settings, reset });
    this.#askForRefused();
  }

  /** Begins the session anew, with a word of why (RFC 9003), or tries at once to get one. */
  clear(text = ''): void {
    if (this.link === undefined) this.event({ type: 'retry' });
    else {
      const data = shutdownData(text);
      this.event({ type: 'cease', subcode: ADMINISTRATIVE_RESET, data, retry: 'at-once' });
    }
  }

  /** Asks the peer for its routes once more; false when it cannot be asked (RFC 2918). */
  askAgain(families: readonly Family[]): boolean {
    if (!this.#negotiated?.refresh) return false;
    for (const family of families) {
      this.link?.send(encodeRouteRefresh(afiOf(family), SAFI_UNICAST, REFRESH_REQUEST));
    }
    return true;
  }

  /** Sends the peer our routes once more. */
  sendAgain(): void {
    for (const family of this.#negotiated?.families ?? []) this.routes.rib.resend(family);
  }

  /** A TCP connection that this peer dialled; it is taken or closed. */
  offer(connection: Connection): void {
    this.#connections.offer(connection);
  }

  /** Runs the FSM; events that arise meanwhile wait their turn. */
  event(event: SessionEvent): void {
    this.#events.push(event);
    if (this.#working) return;
    this.#working = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#step(next);
    } finally {
      this.#working = false;
    }
  }

  update(bytes: Buffer, start: number, end: number): void {
    for (const event of this.routes.update(bytes, start, end)) this.event(event);
    this.#askForRefused();
  }

  updatesEnd(): void {
    this.routes.rib.flush();
  }

  closed(link: PeerLink, detail: string): void {
    if (this.#connections.get(link.slot) !== link) return;
    this.#connections.take(link.slot);
    this.event({ type: 'closed', slot: link.slot, detail });
  }

  drained(link: PeerLink): void {
    if (link === this.link) this.routes.drained();
  }

  /** A prefix limit refused routes that there is room for now: the peer sends them once more. */
  #askForRefused(): void {
    const families = this.routes.rib.takeRoom();
    if (families.length === 0) return;
    const asked = this.askAgain(families);
    this.#logger.info({ families, asked }, 'room again below the prefix limit');
  }

  #step(event: SessionEvent): void {
    const previous = this.#state;
    const before = fsmState(previous);
    const { state, actions, reason, detail } = step(previous, event);
    this.#state = state;
    if (event.type === 'open') this.#receivedOpen = event.open;
    if (state.lastError !== previous.lastError) this.#errorAt = this.clock.wallTime();
    if (state.lastNotification !== previous.lastNotification) {
      this.#notifiedAt = this.clock.wallTime();
    }
    for (const action of actions) this.#perform(action);
    const after = fsmState(state);
    if (before !== after) this.#moved(before, after, describe(reason, detail));
    if (event.type === 'end-of-rib') this.#context.endOfRib(this, event.family);
    if (isVacant(state) && !isVacant(previous)) this.#context.vacated(this);
  }

  #moved(from: string, to: string, reason: string): void {
    this.#reason = reason;
    this.#since = this.clock.wallTime();
    if (from === 'established') this.#flaps++;
    const level = from === 'established' || to === 'established' ? 'info' : 'debug';
    this.#logger[level]({ from, to, reason }, 'session');
    this.probe.sessionStep(this.name, from, to, reason);
  }

  #perform(action: SessionAction): void {
    switch (action.type) {
      case 'dial':
        this.#connections.dial(this.#config);
        return;
      case 'cancel-dial':
        this.#connections.cancelDial();
        return;
      case 'accept':
        this.#connections.accept(this.#config);
        return;
      case 'reject':
        this.#connections.reject();
        return;
      case 'arm':
        this.#timers.arm(action.timer, action.seconds, action.jitter);
        return;
      case 'disarm':
        this.#timers.disarm(action.timer);
        return;
      default:
        this.#performOnSession(action);
    }
  }

  #performOnSession(
    action: Exclude<
      SessionAction,
      { type: 'dial' | 'cancel-dial' | 'accept' | 'reject' | 'arm' | 'disarm' }
    >,
  ): void {
    switch (action.type) {
      case 'send-open':
        this.#sentOpen = action.open;
        this.#connections.get(action.slot)?.connection.setMaxMessage(action.maxMessage);
        this.#connections.get(action.slot)?.send(encodeOpen(action.open));
        return;
      case 'send-keepalive':
        this.#connections.get(action.slot)?.send(encodeKeepalive());
        return;
      case 'notify-and-close':
        this.#connections
          .take(action.slot)
          ?.end(encodeNotification(action.code, action.subcode, action.data));
        return;
      case 'close':
        this.#connections.take(action.slot)?.destroy();
        return;
      case 'session-up':
        this.#up(action.slot, action.negotiated);
        return;
      case 'session-down':
        this.#down(action.keep);
        return;
      default:
        this.routes.perform(action);
    }
  }

  #up(slot: Slot, negotiated: Negotiated): void {
    const link = this.#connections.get(slot);
    if (link === undefined) return;
    link.establish(negotiated);
    this.#negotiated = negotiated;
    this.routes.up(this.#config, negotiated, link);
    this.#context.moved(this);
  }

  #down(keep: readonly Family[]): void {
    this.#negotiated = undefined;
    this.routes.down(keep);
    this.#context.moved(this);
  }

  /** A timer of liveness is judged by what the links saw, and after one more read of the socket. */
  #expired(timer: TimerName): void {
    const [slot, kind] = timer.split('/') as [Slot, string | undefined];
    const link = this.#connections.get(slot);
    if (kind === 'hold' && link !== undefined) {
      link.connection.resume();
      this.clock.setTimer(`${this.name}/last-read`, LAST_READ, () => {
        if (this.#connections.get(slot) !== link) return;
        const { quiet, connection } = link;
        this.event({ type: 'timer', timer, quiet, unread: connection.unread });
      });
    } else if (kind === 'send-hold' && link !== undefined) {
      this.event({ type: 'timer', timer, quiet: link.stalled });
    } else {
      this.event({ type: 'timer', timer });
    }
  }
}

/** No connection, no stale routes, nothing to wait for. */
export const isVacant = ({ outgoing, incoming, stale, barred }: PeerState): boolean =>
  outgoing === undefined && incoming === undefined && stale.length === 0 && !barred;

function describe(reason: keyof typeof SESSION_REASONS, detail: string): string {
  const [, text] = SESSION_REASONS[reason];
  return detail === '' ? text : `${text}: ${detail}`;
}
