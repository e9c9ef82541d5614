import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Clock } from '../runtime/clock.ts';

/** Longest uninterrupted run of one answer, in milliseconds. */
const SLICE = 4;
/** Characters gathered before they are written. */
const CHUNK = 64 * 1024;

/**
 * Writes `parts` in slices between turns of the event loop, never faster than the client reads, so
 * that an answer of any size takes bounded memory. Stops when the client leaves.
 */
export async function stream(
  out: ServerResponse,
  parts: Iterable<string>,
  clock: Clock,
): Promise<void> {
  out.end(await pourSlices(out, parts, clock));
}

/** As `stream`, and leaves `out` open for more. */
export async function pour(out: Writable, parts: Iterable<string>, clock: Clock): Promise<void> {
  await send(out, await pourSlices(out, parts, clock), clock);
}

/** Returns what is left to write. */
async function pourSlices(out: Writable, parts: Iterable<string>, clock: Clock): Promise<string> {
  let text = '';
  let deadline = clock.now() + SLICE;
  for (const part of parts) {
    text += part;
    if (text.length < CHUNK && clock.now() < deadline) continue;
    await send(out, text, clock);
    if (out.destroyed) return '';
    text = '';
    deadline = clock.now() + SLICE;
  }
  return text;
}

function send(out: Writable, text: string, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (out.write(text)) {
      clock.soon(resolve);
      return;
    }
    const go = (): void => {
      out.off('drain', go).off('close', go);
      resolve();
    };
    out.on('drain', go).on('close', go);
  });
}
