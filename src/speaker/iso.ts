import type { Clock } from '../runtime/clock.ts';

/** ISO 8601 text of wall-clock milliseconds, see `Clock.wallTime`. */
export const iso = (time: ReturnType<Clock['wallTime']>): string => new Date(time).toISOString();
