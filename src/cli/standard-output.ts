import { constants, fstatSync, openSync, writeSync } from 'node:fs';

const STDOUT = 1;

/**
 * A writer of standard output that never waits: it throws EAGAIN where the reader takes nothing.
 * A pipe or terminal is opened once more, since whoever shares its open file decides whether
 * writes to it block. A socket cannot be; Node makes it non-blocking. A file never stalls.
 */
export function standardOutput(): (bytes: Buffer) => number {
  const descriptor = ownDescriptor();
  return (bytes) => writeSync(descriptor, bytes);
}

function ownDescriptor(): number {
  const kind = fstatSync(STDOUT);
  if (!kind.isFIFO() && !kind.isCharacterDevice()) return STDOUT;
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    return openSync(`/proc/self/fd/${STDOUT}`, flags);
  } catch {
    // Another user's: it stays as Node has set it.
    return STDOUT;
  }
}
