import { HOT } from './change.ts';
import { type Fields, objectOf } from './fields.ts';
import { BOOLEAN, integer, type Kind, orTrue } from './kind.ts';
import type { BfdConfig } from './types.ts';

/** What is used where nothing is written: noticed within a second, and safe on a busy machine. */
export const DEFAULT_BFD: BfdConfig = {
  minTx: 300,
  minRx: 300,
  multiplier: 3,
  multihop: undefined,
  strict: false,
};

/** Shorter intervals would be missed by a machine that is short of CPU. */
const MIN_BFD_INTERVAL = 100;
const MAX_BFD_INTERVAL = 60_000;

const interval = (about: string) =>
  ({
    kind: integer(MIN_BFD_INTERVAL, MAX_BFD_INTERVAL),
    about,
    change: HOT,
    absent: () => DEFAULT_BFD.minTx,
  }) as const;

const BFD_FIELDS: Fields<BfdConfig> = {
  minTx: interval('Least milliseconds between packets that we send.'),
  minRx: interval('Least milliseconds between packets that we want to receive.'),
  multiplier: {
    kind: integer(1, 255),
    about: 'Intervals of silence after which the peer declares us dead.',
    change: HOT,
    absent: () => DEFAULT_BFD.multiplier,
  },
  multihop: {
    kind: BOOLEAN,
    about: 'RFC 5883 instead of 5881; absent: true unless the BGP session is of one hop.',
    change: HOT,
    absent: () => undefined,
  },
  strict: {
    kind: BOOLEAN,
    about: 'No BGP session before BFD is up.',
    change: HOT,
    absent: () => DEFAULT_BFD.strict,
  },
};

/** `true` stands for the defaults. */
export const BFD: Kind<BfdConfig> = orTrue(objectOf(BFD_FIELDS), DEFAULT_BFD);
