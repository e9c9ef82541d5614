import type { Problem } from '../datastore/problem.ts';
import type { Logger } from '../runtime/logger.ts';

/** Logs each problem once, when it appears and when it is over. */
export function logProblems(
  logger: Logger,
  before: readonly Problem[],
  now: readonly Problem[],
): void {
  const known = new Set(before.map(identity));
  const present = new Set(now.map(identity));
  for (const problem of now) {
    if (!known.has(identity(problem))) logger.warn({ ...problem }, 'problem in the resources');
  }
  for (const problem of before) {
    if (!present.has(identity(problem))) {
      logger.info({ code: problem.code, where: problem.where }, 'problem is over');
    }
  }
}

const identity = ({ code, where, message }: Problem): string => `${code} ${where} ${message}`;
