import { describe, expect, test } from 'vitest';
import { malformedCases } from '../../interop/scenarios/malformed/cases.ts';
import {
  type Compared,
  complaints,
  type Explanation,
  explanationsFor,
} from '../../interop/scenarios/malformed/explained.ts';
import { outcome, type Seen } from '../../interop/scenarios/malformed/outcome.ts';
import { innocent, later, MARK, scriptOf } from '../../interop/scenarios/malformed/script.ts';
import type { Product, Route } from '../../interop/speaker.ts';
import { MAX_MESSAGE } from '../../src/wire/message.ts';

const cases = malformedCases();
const ids = cases.map(({ id }) => id);

describe('explanations', () => {
  const why: Explanation = { cases: /^x$/, ours: 'withdrawn', theirs: '3/1', why: 'it resets' };
  const asExplained: Compared = { id: 'x', ours: 'withdrawn', theirs: '3/1' };

  test('that hold are no complaint', () => {
    const same = { id: 'y', ours: 'accepted', theirs: 'accepted' };
    expect(complaints([why], [asExplained, same])).toEqual([]);
  });

  test.each([
    ['are missing', [], [asExplained], 'without an explanation: x: withdrawn, theirs 3/1'],
    [
      'do not hold any more',
      [why],
      [{ ...asExplained, theirs: 'withdrawn' }],
      'not as explained: x: withdrawn, theirs withdrawn',
    ],
    ['have no case', [why], [{ ...asExplained, id: 'y' }], 'an explanation without a case: /^x$/'],
  ])('that %s are one', (_what, explanations, compared, words) => {
    expect(complaints(explanations, compared)).toContain(words);
  });

  test.each(['frr', 'bird'] as const)('of %s are of a case each, and of no case twice', (peer) => {
    const explanations = explanationsFor(peer);
    expect(explanations.length).toBeGreaterThan(0);
    expect(explanations.filter(({ cases: of }) => !ids.some((id) => of.test(id)))).toEqual([]);
    const twice = ids.filter(
      (id) => explanations.filter(({ cases: of }) => of.test(id)).length > 1,
    );
    expect(twice).toEqual([]);
  });
});

describe('the outcome of a case', () => {
  const index = ids.indexOf('rfc/upd/agg-as4-len6');
  const one = cases[index];
  if (one === undefined) throw new Error('the case is gone');
  const [prefix = ''] = one.prefixes;

  const route = (at: string, attributes: readonly string[] = []): Route => ({
    prefix: at,
    nextHop: '10.0.0.2',
    asPath: '65001',
    best: true,
    attributes,
  });
  const marked = (at: string): Route => ({ ...route(at), communities: [MARK] });
  const around = [marked(innocent(index)), marked(later(index))];
  const seen = (routes: readonly Route[], over: Partial<Seen> = {}): Seen => ({
    product: 'bird' as Product,
    ended: undefined,
    routes: new Map(routes.map((each) => [each.prefix, each])),
    ...over,
  });
  const judge = (mine: Seen, other = mine): string => outcome(one, index, mine, other);

  test('is the fate of its prefixes', () => {
    expect(judge(seen([...around, route(prefix)]))).toBe('accepted');
    expect(judge(seen([...around, marked(prefix)]))).toBe('unchanged');
    expect(judge(seen(around))).toBe('withdrawn');
    expect(judge(seen([], { ended: '3/1' }))).toBe('3/1');
  });

  test('names routes that are lost, and those that nobody announced', () => {
    expect(judge(seen([route(prefix)]))).toBe(
      `accepted, lost ${innocent(index)}, lost ${later(index)}`,
    );
    const strange = route('64.1.1.0/24');
    expect(judge(seen([...around, strange]))).toBe('withdrawn, made up 64.1.1.0/24');
  });

  test('names attributes that the other does not show, where it could', () => {
    const mine = seen([...around, route(prefix, ['AGGREGATOR 0 10.0.0.2', '200 aabb'])]);
    const bare = [...around, route(prefix)];
    expect(judge(mine, seen(bare))).toBe('accepted with AGGREGATOR 0 10.0.0.2, 200 aabb');
    expect(judge(mine, seen(bare, { product: 'frr' }))).toBe('accepted with AGGREGATOR 0 10.0.0.2');
    expect(judge(seen(bare), mine)).toBe('accepted');
    expect(judge(mine, seen(around))).toBe('accepted');
  });
});

test('of a message that no buffer holds only the header comes before the speaker has judged it', () => {
  const nextHops = { 'ipv4-unicast': '10.77.0.9', 'ipv6-unicast': 'fd77::9' };
  for (const [index, one] of cases.entries()) {
    const { first, later: behind } = scriptOf(one, index, nextHops);
    expect(first.length).toBeLessThan(MAX_MESSAGE);
    expect(Buffer.concat([first, behind]).includes(one.bytes)).toBe(true);
  }
});
