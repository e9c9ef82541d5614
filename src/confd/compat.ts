import type { Environment } from './types.ts';

/** Whether Calico behaves as it has since v3.33, the release that is followed by default. */
export const isSinceV333 = ({ compat = 'v3.33' }: Environment): boolean => compat === 'v3.33';
