import { libc } from './libc.ts';

const CLONE_NEWNET = 0x40000000;

/**
 * Moves the calling thread into a new, empty network namespace: sockets it opens and processes it
 * starts from now on live there. Returns the way back.
 */
export function enterNewNetworkNamespace(): () => void {
  const c = libc();
  const home = c.open('/proc/thread-self/ns/net');
  try {
    c.newNamespace(CLONE_NEWNET);
  } catch (error) {
    c.close(home);
    throw error;
  }
  return () => {
    c.enterNamespace(home, CLONE_NEWNET);
    c.close(home);
  };
}

/**
 * Runs `action`, which must not wait for anything, with the calling thread in the network namespace
 * at `path`: sockets that it opens belong there for good.
 */
export function withinNamespace<T>(path: string, action: () => T): T {
  const c = libc();
  const home = c.open('/proc/thread-self/ns/net');
  try {
    const there = c.open(path);
    try {
      c.enterNamespace(there, CLONE_NEWNET);
    } finally {
      c.close(there);
    }
    try {
      return action();
    } finally {
      c.enterNamespace(home, CLONE_NEWNET);
    }
  } finally {
    c.close(home);
  }
}
