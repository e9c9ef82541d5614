import { libc, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './libc.ts';

/** Descriptors of two stream sockets that are connected to each other. Throws a `LinuxError`. */
export const openSocketPair = (): readonly [number, number] =>
  libc().socketPair(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
