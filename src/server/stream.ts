import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Clock } from '../runtime/clock.ts';

/** Longest uninterrupted run of one answer, in milliseconds. */
const SLICE = 4;
/** Characters or octets gathered before they are written. */
const CHUNK = 64 * 1024;
/** Octets that a client that follows events may be behind. */
const MOST_BEHIND = 4 * 1024 * 1024;

/**
 * Writes `parts` in slices between turns of the event loop, never faster than the client reads, so
 * that an answer of any size takes bounded memory. Stops when the client leaves.
 */
export async function stream(
  out: ServerResponse,
  parts: Iterable<string | Uint8Array>,
  clock: Clock,
): Promise<void> {
  out.end(await pourSlices(out, parts, clock));
}

/** Writes what happens until the client leaves; one that falls behind is let go. */
export function follow(
  out: ServerResponse,
  begin: (write: (part: Uint8Array) => void) => () => void,
): void {
  // Who listens for it decides what an idle connection means: here, that nothing happened.
  out.on('timeout', () => {});
  out.flushHeaders();
  const end = begin((part) => {
    if (out.writableLength > MOST_BEHIND) out.destroy();
    else out.write(part);
  });
  out.on('close', end);
}

/** As `stream`, and leaves `out` open for more. */
export async function pour(out: Writable, parts: Iterable<string>, clock: Clock): Promise<void> {
  await send(out, await pourSlices(out, parts, clock), clock);
}

/** Returns what is left to write. */
async function pourSlices(
  out: Writable,
  parts: Iterable<string | Uint8Array>,
  clock: Clock,
): Promise<Uint8Array> {
  let gathered = new Gathered();
  let deadline = clock.now() + SLICE;
  for (const part of parts) {
    gathered.add(part);
    if (gathered.size < CHUNK && clock.now() < deadline) continue;
    await send(out, gathered.bytes(), clock);
    gathered = new Gathered();
    if (out.destroyed) break;
    deadline = clock.now() + SLICE;
  }
  return gathered.bytes();
}

/** Text and octets on their way out, in their order. */
class Gathered {
  size = 0;
  #text = '';
  readonly #parts: Uint8Array[] = [];

  add(part: string | Uint8Array): void {
    this.size += part.length;
    if (typeof part === 'string') {
      this.#text += part;
      return;
    }
    this.#close();
    this.#parts.push(part);
  }

  bytes(): Uint8Array {
    this.#close();
    const [only, ...others] = this.#parts;
    return others.length === 0 && only !== undefined ? only : Buffer.concat(this.#parts);
  }

  #close(): void {
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

function send(out: Writable, bytes: Uint8Array, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (out.write(bytes)) {
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
