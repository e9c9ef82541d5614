import { readSync } from 'node:fs';

/** Octets that a socket has ready, read into `buffer`; 0 when there are none, or never will be. */
export function readNow(fd: number, buffer: Uint8Array): number {
  try {
    return readSync(fd, buffer);
  } catch {
    return 0;
  }
}
