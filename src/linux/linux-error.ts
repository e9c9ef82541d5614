import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { BengalError } from '../runtime/error.ts';

/** Of two names of one number the first, EAGAIN before EWOULDBLOCK, as everywhere else in Node. */
const NAMES = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, code]) => [code, name]),
);

/** Name of an error number, as EPERM; `E<number>` when it has none. */
export const errnoName = (errno: number): string => NAMES.get(errno) ?? `E${errno}`;

/** An error number in words, as `file already exists`. */
export const errnoText = (errno: number): string =>
  getSystemErrorMap().get(-errno)?.[1] ?? errnoName(errno);

/** A system call that failed, or a feature that this machine lacks. */
export class LinuxError extends BengalError {
  override readonly name = 'LinuxError';
  /** Name of the error number; undefined when no system call was made. */
  readonly errno: string | undefined;

  constructor(
    message: string,
    details: { errno?: string; cure?: string; where?: string; cause?: unknown } = {},
  ) {
    super('linux', message, details);
    this.errno = details.errno;
  }
}

const CURES: Readonly<Record<string, string>> = {
  EPERM: 'run it as root or grant CAP_NET_ADMIN',
  EACCES: 'run it as root or grant CAP_NET_ADMIN',
  EMFILE: 'raise the limit of open files',
  ENOMEM: 'raise net.core.optmem_max or free memory',
};

/** The error of system call `call`, which returned `errno`. */
export function systemCallError(call: string, errno: number): LinuxError {
  const name = errnoName(errno);
  const cure = CURES[name];
  return new LinuxError(`${call} failed with ${name}`, {
    errno: name,
    ...(cure === undefined ? {} : { cure }),
  });
}
