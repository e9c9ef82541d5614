import type { Clock, Timer } from '../runtime/clock.ts';
import type { MetricFamily, MetricSample } from './view.ts';

/** Time between two samples of the event loop's delay, in milliseconds. */
const INTERVAL = 100;
/** Upper bounds of the histogram's buckets, in seconds. */
const BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** How late timers fire in this process, as a histogram. */
export class LoopDelay {
  readonly #clock: Clock;
  readonly #counts = Array<number>(BOUNDS.length + 1).fill(0);
  #sum = 0;
  #count = 0;
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = this.#arm();
  }

  close(): void {
    this.#timer.cancel();
  }

  family(): MetricFamily {
    return {
      name: 'bengal_event_loop_lag_seconds',
      type: 'histogram',
      help: 'How late timers fire, sampled ten times a second.',
      samples: this.#samples(),
    };
  }

  #arm(): Timer {
    const due = this.#clock.now() + INTERVAL;
    return this.#clock.setTimer('loop-delay', INTERVAL, () => {
      this.#observe(Math.max(0, this.#clock.now() - due) / 1000);
      this.#timer = this.#arm();
    });
  }

  #observe(seconds: number): void {
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    const index = bucket < 0 ? BOUNDS.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += seconds;
    this.#count++;
  }

  #samples(): MetricSample[] {
    let below = 0;
    const buckets = [...BOUNDS, Number.POSITIVE_INFINITY].map((bound, i): MetricSample => {
      below += this.#counts[i] ?? 0;
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
      return { suffix: '_bucket', labels: { le }, value: below };
    });
    return [
      ...buckets,
      { suffix: '_sum', value: this.#sum },
      { suffix: '_count', value: this.#count },
    ];
  }
}

/** What every exporter tells of its process, under the usual names. */
export function processMetrics(): MetricFamily[] {
  const { user, system } = process.cpuUsage();
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'User and system CPU time spent.',
      samples: [{ value: (user + system) / 1e6 }],
    },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      help: 'Resident memory.',
      samples: [{ value: process.memoryUsage.rss() }],
    },
  ];
}
