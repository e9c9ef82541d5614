import type { Clock } from '../runtime/clock.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Time since an ISO 8601 moment, as `00:05:09`, `3d04h` or `12w`; `-` where it is not known. */
export function ageOf(since: string | undefined, clock: Clock): string {
  const start = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(start) ? '-' : duration(Math.max(0, clock.wallTime() - start) / 1000);
}

function duration(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (seconds < DAY) {
    return `${two(seconds / HOUR)}:${two((seconds % HOUR) / MINUTE)}:${two(seconds % MINUTE)}`;
  }
  if (seconds < 100 * DAY) return `${Math.floor(seconds / DAY)}d${two((seconds % DAY) / HOUR)}h`;
  return `${Math.floor(seconds / (7 * DAY))}w`;
}
