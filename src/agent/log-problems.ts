import { difference } from '../config/difference.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Logger } from '../runtime/logger.ts';

/** Logs each problem once, when it appears and when it is over. */
export function logProblems(
  logger: Logger,
  before: readonly Problem[],
  now: readonly Problem[],
): void {
  // Of thousands few are not the very same.
  const { gone, come } = difference(before, now, ({ where }) => where);
  const known = new Set(gone.map(identity));
  const present = new Set(come.map(identity));
  for (const problem of come) {
    if (!known.has(identity(problem))) logger.warn({ ...problem }, 'problem in the resources');
  }
  for (const problem of gone) {
    if (!present.has(identity(problem))) {
      logger.info({ code: problem.code, where: problem.where }, 'problem is over');
    }
  }
}

const identity = ({ code, where, message }: Problem): string => `${code} ${where} ${message}`;
