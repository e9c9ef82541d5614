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
