import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from './runner.ts';

/** A scenario did not get what it waits for; the message says what is missing. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** The product has no such thing; the message says what. */
export class Lacks extends Error {
  override readonly name = 'Lacks';
}

/** Returns undefined when all is well, else what is missing. */
export type Check = () => Promise<string | undefined>;

/**
 * Repeats `check` until nothing is missing, for at most `seconds`. It rests as long as the check
 * took, so that asking does not keep a busy machine from what is asked for.
 */
export async function eventually(what: string, seconds: number, check: Check): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const asked = Date.now();
    const missing = await check().catch((error: Error) => error.message);
    if (missing === undefined) return;
    const answered = Date.now();
    if (answered > end) throw new Missing(`${what}, within ${seconds} s: ${missing}`);
    await delay(Math.max(100, answered - asked));
  }
}

/** Waits until `question` can be asked of a daemon that was just started. */
export async function answers(daemon: Program, question: () => Promise<unknown>): Promise<void> {
  let ended = false;
  const name = path.basename(daemon.log, '.log');
  await eventually(`${name} answers`, 20, async () => {
    ended = !daemon.running;
    if (!ended) await question();
    return undefined;
  });
  if (ended) throw new Missing(`${name} ended at once`);
}

/** Fails at once when something is missing. */
export async function now(what: string, check: Check): Promise<void> {
  const missing = await check();
  if (missing !== undefined) throw new Missing(`${what}: ${missing}`);
}

/** What of `expected` is not in `actual`, shortened for one line; undefined when nothing. */
export function absent(
  expected: Iterable<string>,
  actual: ReadonlySet<string>,
): string | undefined {
  const gone = [...expected].filter((item) => !actual.has(item));
  if (gone.length === 0) return undefined;
  const rest = gone.length > 3 ? ` and ${gone.length - 3} more` : '';
  return `${gone.slice(0, 3).join(', ')}${rest}`;
}
