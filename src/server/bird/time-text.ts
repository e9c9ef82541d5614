/** BIRD shows the time of day for so long, then the date; in milliseconds. */
const TIME_OF_DAY_FOR = 20 * 3600 * 1000;

const two = (value: number): string => String(value).padStart(2, '0');

const timeOf = (at: Date): string =>
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

const dateOf = (at: Date): string =>
  `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** `2026-11-21 08:12:37` in local time, from wall-clock milliseconds. */
export function dateTimeText(time: number): string {
  const at = new Date(time);
  return `${dateOf(at)} ${timeOf(at)}`;
}

/** When something began: `08:12:37`, or `2026-11-20` once it is 20 hours ago. */
export function sinceText(since: string, now: number): string {
  const time = Date.parse(since);
  if (Number.isNaN(time)) return '-';
  return Math.abs(now - time) < TIME_OF_DAY_FOR ? timeOf(new Date(time)) : dateOf(new Date(time));
}
