import { describe, expect, test } from 'vitest';
import { decodeLine } from '../../src/wire/decode-line.ts';
import { readCases, readLines, type UpdateCase } from './fixtures.ts';

const FILES = ['captures', 'exabgp-decoding', 'exabgp-encoding', 'mrt-sample', 'public-sources'];

/** Cases whose bytes break a rule that ends the session, so that there is no message to compare. */
const BROKEN: readonly string[] = [
  // MP_REACH_NLRI with the Transitive bit.
  'bio-routing/bio-rd:protocols/bgp/server/bmp_router_test.go:952:184050c1',
  // An IPv6 route with an IPv4 next hop.
  'exabgp-enc/extended-nexthop/2',
];

const cases = FILES.flatMap((file) => readCases<UpdateCase>(`update/${file}.json`));

const decode = ({ hex, context }: UpdateCase) =>
  decodeLine(hex, {
    as4: context?.asn4 ?? true,
    addPath: context?.addPath === true,
    kind: 'ibgp',
    extendedMessages: true,
  });

describe('messages of public sources', () => {
  const gated = cases.filter(({ inScope, expect: expected }) => inScope && expected);

  test('are there', () => {
    expect(gated.filter(({ oracle }) => oracle?.tshark === 'agree').length).toBeGreaterThan(440);
  });

  test.each(gated.filter(({ id }) => !BROKEN.includes(id)))('decode as others do: $id', (one) => {
    expect(decode(one)?.json['message']).toEqual(one.expect);
  });

  test.each(cases.filter(({ id }) => BROKEN.includes(id)))('are refused with 3/9: $id', (one) => {
    expect(decode(one)?.json).toMatchObject({
      error: { remedy: 'session-reset', notification: { code: 3, subcode: 9 } },
    });
  });

  test('give an answer whatever they hold', () => {
    for (const one of cases) {
      const { json } = decode(one) ?? { json: {} };
      expect(Object.keys(json)[0], one.id).toMatch(/^(?:message|error)$/);
    }
  });
});

describe.each(['updates-2007', 'updates-2010'])('the recorded stream %s', (file) => {
  test('decodes to the last message', () => {
    const options = { as4: true, addPath: false, kind: 'ebgp', extendedMessages: false } as const;
    const decoded = readLines(`mrt/${file}.hex.gz`).flatMap(
      (line) => decodeLine(line, options) ?? [],
    );
    expect(decoded.length).toBeGreaterThan(6000);
    expect(decoded.filter(({ json }) => 'error' in json)).toEqual([]);
  });
});
