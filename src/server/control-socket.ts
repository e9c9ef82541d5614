import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import path from 'node:path';
import { BengalError } from '../runtime/error.ts';

/** Leaves rw-rw---- of a socket made with 0777. */
const SOCKET_UMASK = 0o117;

/** Listens on a Unix socket with mode 0660; a stale file is replaced, a live socket never. */
export async function listenOnSocket(server: Server, file: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
    if (await isInUse(file)) await removeStale(file);
    await bind(server, file);
  } catch (error) {
    throw error instanceof BengalError ? error : notAvailable(file, describe(error), error);
  }
}

async function isInUse(file: string): Promise<boolean> {
  try {
    if ((await lstat(file)).isSocket()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  throw notAvailable(file, 'there is a file that is not a socket');
}

async function removeStale(file: string): Promise<void> {
  if (await isListenedOn(file)) throw notAvailable(file, 'another process listens on this socket');
  await unlink(file);
}

/** True when a process takes connections at `file`. */
export function isListenedOn(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(error);
    });
  });
}

function bind(server: Server, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // bind(2) happens within `listen`, so that nobody ever sees the socket with a wider mode.
    const umask = process.umask(SOCKET_UMASK);
    try {
      server.listen(file, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

const describe = (error: unknown): string => `cannot be listened on: ${codeOf(error) ?? error}`;

function notAvailable(file: string, message: string, cause?: unknown): BengalError {
  const cure = 'stop the other process, or choose another path with --socket PATH';
  return new BengalError('socket-not-available', message, { where: `socket ${file}`, cure, cause });
}
