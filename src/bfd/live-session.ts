import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { SessionStatus } from './messages.ts';
import type { BfdPort } from './network.ts';
import { type ControlPacket, encodePacket } from './packet.ts';
import type { BfdReason } from './reason.ts';
import type { Session, SessionSettings } from './session-state.ts';
import { newSession, type SessionAction, type SessionEvent, step } from './step.ts';
import { detectionTime, farewellTime, transmitInterval } from './timing.ts';

export interface LiveSessionOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly discriminator: number;
  readonly settings: SessionSettings;
  readonly port: BfdPort;
  readonly changed: (status: SessionStatus) => void;
}

/** One session with its timers and its port. */
export class LiveSession {
  readonly discriminator: number;
  sent = 0;
  received = 0;
  readonly #options: LiveSessionOptions;
  readonly #timers = new Map<'transmit' | 'detect', Timer>();
  #session: Session;
  #reason: BfdReason = 'started';
  #heardAt: number | undefined;
  #closed = false;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    this.discriminator = options.discriminator;
    this.#session = newSession(options.discriminator, options.settings);
    this.#event({ type: 'start' });
  }

  get status(): SessionStatus {
    return this.#status(this.#quiet());
  }

  /** Milliseconds for which the end must be told after `stop`. */
  get farewell(): number {
    return farewellTime(this.#session) / 1000;
  }

  receive(packet: ControlPacket): void {
    const { yourDiscriminator } = packet;
    if (yourDiscriminator !== 0 && yourDiscriminator !== this.discriminator) return;
    this.received++;
    const quiet = this.#quiet();
    this.#heardAt = this.#options.clock.now();
    this.#event({ type: 'packet', packet }, quiet);
  }

  configure(settings: SessionSettings): void {
    this.#event({ type: 'configure', settings });
  }

  /** Says AdminDown, and goes on saying it until the host closes the session. */
  stop(): void {
    this.#event({ type: 'stop' });
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#options.port.close();
  }

  #event(event: SessionEvent, quiet: number | undefined = this.#quiet()): void {
    const before = this.#session;
    const { session, actions, reason } = step(before, event);
    this.#session = session;
    if (session.state !== before.state) this.#reason = reason;
    for (const action of actions) this.#perform(action);
    if (event.type === 'detection-time-expired') this.#heardAt = undefined;
    if (differs(before, session)) this.#options.changed(this.#status(quiet));
  }

  #perform(action: SessionAction): void {
    switch (action.type) {
      case 'send':
        this.sent++;
        this.#options.port.send(encodePacket(action.packet));
        return;
      case 'arm':
        this.#arm(action);
        return;
      case 'disarm':
        this.#timers.get(action.timer)?.cancel();
        return;
    }
  }

  #arm({ timer, least, most }: Extract<SessionAction, { readonly type: 'arm' }>): void {
    const { clock, random } = this.#options;
    this.#timers.get(timer)?.cancel();
    const delay = (least + (most - least) * random.next()) / 1000;
    const expired =
      timer === 'detect' ? () => this.#judge() : () => this.#event({ type: 'transmit-due' });
    this.#timers.set(timer, clock.setTimer(`bfd/${timer}`, delay, expired));
  }

  /** A busy thread finds the timer expired before it has read what had arrived: that is read first. */
  #judge(): void {
    const { received } = this;
    this.#options.clock.soon(() => {
      if (this.received === received && !this.#closed)
        this.#event({ type: 'detection-time-expired' });
    });
  }

  #quiet(): number | undefined {
    if (this.#heardAt === undefined) return undefined;
    return this.#options.clock.now() - this.#heardAt;
  }

  #status(quiet: number | undefined): SessionStatus {
    const session = this.#session;
    const { state, remote } = session;
    const heard = remote.discriminator !== 0;
    const interval = transmitInterval(session);
    return {
      state,
      reason: this.#reason,
      fault: undefined,
      quiet,
      remoteState: heard ? remote.state : undefined,
      remoteDiagnostic: remote.diagnostic,
      controlPlaneIndependent: remote.controlPlaneIndependent,
      transmitInterval: interval && interval / 1000,
      detectionTime: heard ? detectionTime(session) / 1000 : undefined,
    };
  }
}

/** Whether there is anything new to tell. */
const differs = (before: Session, after: Session): boolean =>
  before.state !== after.state ||
  before.remote.state !== after.remote.state ||
  before.remote.diagnostic !== after.remote.diagnostic ||
  before.remote.controlPlaneIndependent !== after.remote.controlPlaneIndependent ||
  transmitInterval(before) !== transmitInterval(after) ||
  detectionTime(before) !== detectionTime(after);
