import { isDeepStrictEqual } from 'node:util';
import type { BmpConfig } from '../../config/types.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { SlicedWork } from '../../runtime/sliced-work.ts';
import type { Speaker } from '../../speaker/speaker.ts';
import { TRANSPORT_REASONS } from '../../transport/reasons.ts';
import type { Transport } from '../../transport/transport.ts';
import { BmpSession } from './session.ts';

/** Milliseconds between attempts to connect: the first, doubled up to the last (RFC 7854 §3.2). */
const FIRST_WAIT = 10_000;
const LAST_WAIT = 720_000;

export interface BmpExporterOptions {
  readonly speaker: Speaker;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a collector shows as our software. */
  readonly sysDescr: string;
}

/** A collector, for people and metrics. */
export interface CollectorStatus {
  /** As `10.0.0.9:1790`. */
  readonly collector: string;
  readonly connected: boolean;
  /** Messages written since the start, over all connections. */
  readonly messages: number;
  /** Times that a connection was lost or could not be made. */
  readonly failures: number;
  /** Why there is no connection; absent while there is one. */
  readonly reason?: string;
}

/** Feeds the collectors of the configuration; one that cannot be had is dialled again and again. */
export class BmpExporter {
  readonly #options: BmpExporterOptions;
  readonly #work: SlicedWork;
  #collectors: readonly Collector[] = [];

  constructor(options: BmpExporterOptions) {
    this.#options = options;
    this.#work = new SlicedWork(options.clock);
  }

  get status(): readonly CollectorStatus[] {
    return this.#collectors.map((collector) => collector.status);
  }

  /** The configuration, the peers or the whole RIB may be others: what did not change stays. */
  refresh(): void {
    const wanted = this.#options.speaker.config?.bmp ?? [];
    const isWanted = ({ config }: Collector): boolean =>
      wanted.some((each) => isDeepStrictEqual(each, config));
    const kept = this.#collectors.filter(isWanted);
    for (const collector of this.#collectors) if (!isWanted(collector)) collector.stop();
    const added = wanted
      .filter((each) => !kept.some(({ config }) => isDeepStrictEqual(each, config)))
      .map((config) => new Collector(config, this.#options, this.#work));
    this.#collectors = [...kept, ...added];
    for (const collector of this.#collectors) collector.refresh();
  }

  /** Tells every collector that we end. */
  stop(): void {
    for (const collector of this.#collectors) collector.stop();
    this.#collectors = [];
  }
}

/** One collector: at most one connection, or one attempt, or one wait. */
class Collector {
  readonly config: BmpConfig;
  readonly #options: BmpExporterOptions;
  readonly #work: SlicedWork;
  readonly #logger: Logger;
  #session: BmpSession | undefined;
  #cancelDial: (() => void) | undefined;
  #waiting: Timer | undefined;
  #wait = FIRST_WAIT;
  #reason = 'not yet connected';
  #failures = 0;
  /** Messages of earlier connections. */
  #messages = 0;

  constructor(config: BmpConfig, options: BmpExporterOptions, work: SlicedWork) {
    this.config = config;
    this.#options = options;
    this.#work = work;
    this.#logger = options.logger.child({ collector: this.#name });
  }

  get status(): CollectorStatus {
    const connected = this.#session !== undefined;
    return {
      collector: this.#name,
      connected,
      messages: this.#messages + (this.#session?.messages ?? 0),
      failures: this.#failures,
      ...(!connected && { reason: this.#reason }),
    };
  }

  refresh(): void {
    const { rib } = this.#options.speaker;
    if (this.#session !== undefined && this.#session.rib !== rib) this.#drop();
    if (this.#session !== undefined) this.#session.wake();
    else if (rib !== undefined && this.#isIdle) this.#dial();
  }

  stop(): void {
    this.#cancelDial?.();
    this.#waiting?.cancel();
    this.#drop();
  }

  get #name(): string {
    const { address, port } = this.config;
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }

  get #isIdle(): boolean {
    return this.#cancelDial === undefined && this.#waiting === undefined;
  }

  #dial(): void {
    const { address, port } = this.config;
    const place = { remote: { address, port }, interface: undefined, localAddress: undefined };
    this.#cancelDial = this.#options.transport.dial(
      { ...place, ttl: undefined },
      {
        connected: (connection) => {
          this.#cancelDial = undefined;
          const { rib } = this.#options.speaker;
          if (rib === undefined) {
            connection.destroy();
            return;
          }
          this.#logger.info({}, 'BMP collector connected');
          this.#wait = FIRST_WAIT;
          this.#session = new BmpSession(connection, {
            ...this.#options,
            rib,
            config: this.config,
            work: this.#work,
            ended: (reason) => this.#failed(reason),
          });
        },
        failed: (reason, detail) => {
          this.#cancelDial = undefined;
          const words = TRANSPORT_REASONS[reason];
          this.#failed(detail === undefined ? words : `${words} (${detail})`);
        },
      },
    );
  }

  #failed(reason: string): void {
    this.#forget();
    this.#failures++;
    if (reason !== this.#reason) this.#logger.warn({ reason }, 'BMP collector is not reached');
    this.#reason = reason;
    this.#waiting = this.#options.clock.setTimer('bmp-retry', this.#wait, () => {
      this.#waiting = undefined;
      this.refresh();
    });
    this.#wait = Math.min(LAST_WAIT, 2 * this.#wait);
  }

  #drop(): void {
    this.#session?.end();
    this.#forget();
  }

  #forget(): void {
    this.#messages += this.#session?.messages ?? 0;
    this.#session = undefined;
  }
}
