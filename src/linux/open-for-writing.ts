import { type Libc, libc } from './libc.ts';
import { LinuxError } from './linux-error.ts';

/** `fcntl` commands: a lease is a lock that only tells its holder of others. */
const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;
/** Ignored by default, unlike SIGIO, which would tell us of a writer between the two calls. */
const SIGURG = 23;

/**
 * Whether anybody has the file behind `fd`, which is open for reading, open for writing. Undefined
 * where the kernel does not tell: for files of others without CAP_LEASE, and on some file systems.
 */
export function isOpenForWriting(fd: number): boolean | undefined {
  try {
    return tryLease(libc(), fd);
  } catch (error) {
    if (error instanceof LinuxError) return undefined;
    throw error;
  }
}

/** A read lease can be had only while nobody writes; it is given back at once. */
function tryLease(c: Libc, fd: number): boolean {
  c.control(fd, F_SETSIG, SIGURG);
  try {
    c.control(fd, F_SETLEASE, F_RDLCK);
  } catch (error) {
    if (error instanceof LinuxError && error.errno === 'EAGAIN') return true;
    throw error;
  }
  c.control(fd, F_SETLEASE, F_UNLCK);
  return false;
}
