import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordColumns } from '../../src/rib/record-columns.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { AttributeScan, scanAttributes } from '../../src/wire/scan-attributes.ts';
import { anyBlock, RUNS, usualBlock } from '../wire/generators.ts';

const CLUSTER_ID = 7;
const LOCAL_ASN = 65001;

/** Octets of numbers that mean something, laid over a block where they may fall into a list. */
const marks = fc.array(
  fc.record({
    at: fc.nat(120),
    word: fc.constantFrom(CLUSTER_ID, LOCAL_ASN, 0xffffff01, 0xffffff02, 0xffffff03, 0xffff0006),
  }),
  { maxLength: 6 },
);

const columnsOf = (columns: RecordColumns): readonly number[] =>
  [
    columns.localPrefs,
    columns.asLengths,
    columns.origins,
    columns.meds,
    columns.neighbourAsns,
    columns.originators,
    columns.clusterLengths,
    columns.ownAsns,
    columns.flags,
  ].map((column) => column[1] as number);

test('Columns read off a block are those of its decoded attributes', () => {
  fc.assert(
    fc.property(fc.oneof(usualBlock, anyBlock), marks, ({ bytes, context, reachable }, words) => {
      for (const { at, word } of words) {
        if (at + 4 <= bytes.length) bytes.writeUInt32BE(word, at);
      }
      const scan = new AttributeScan();
      if (!scanAttributes(bytes, 0, bytes.length, context, reachable, scan)) return;
      const decoded = decodeAttributes(bytes, 0, bytes.length, context, reachable);
      if (decoded.disposition !== 'accept') throw new Error(decoded.disposition);
      const read = new RecordColumns();
      read.fillScanned(1, bytes, scan, context.as4 ? 4 : 2, LOCAL_ASN, CLUSTER_ID);
      const made = new RecordColumns();
      made.fill(1, decoded.attributes, LOCAL_ASN, CLUSTER_ID);
      expect(columnsOf(read)).toEqual(columnsOf(made));
    }),
    { numRuns: 10 * RUNS.numRuns },
  );
});
