import { describe, expect, test } from 'vitest';
import type { Match, PrefixMatch, SetActions } from '../../src/config/types.ts';
import { compilePolicy, isAccepted } from '../../src/policy/compile.ts';
import { applyEdits, newEdits, resetEdits } from '../../src/policy/edits.ts';
import type { RouteView } from '../../src/policy/route-view.ts';
import { attributes, CONTEXT, judge, LOCAL, policyOf, route, rule } from './routes.ts';

const within = (prefix: string): PrefixMatch => ({ in: prefix, ge: undefined, le: undefined });
const large = { global: 64512, local1: 1, local2: 2 };
const set = { type: 'set', asns: [65001] } as const;
const A = '10.1.0.0/26';

describe('a match', () => {
  test.each<[string, Match, RouteView, boolean]>([
    ['without conditions', {}, route(A), true],
    ['of the source', { source: ['kernel', 'bgp'] }, route(A), true],
    ['of another source', { source: ['static'] }, route(A), false],
    ['of the interface', { interface: ['x', 'cali*'] }, route(A, { interface: 'cali1' }), true],
    ['of an interface that is absent', { interface: ['*'] }, route(A), false],
    ['of the session kind', { peerType: 'ibgp' }, route(A), true],
    ['of the other session kind', { peerType: 'ebgp' }, route(A), false],
    [
      'of a community',
      { community: ['no-export'] },
      route(A, { attributes: attributes({ communities: [0xffffff01] }) }),
      true,
    ],
    [
      'of a large community',
      { community: ['64512:1:2'] },
      route(A, { attributes: attributes({ largeCommunities: [large] }) }),
      true,
    ],
    ['of a community that is absent', { community: ['1:1', '1:1:1'] }, route(A), false],
    ['of the AS path', { asPathPrefix: [65001, 65002] }, route(A), true],
    ['of a longer AS path', { asPathPrefix: [65001, 65002, 1] }, route(A), false],
    ['of another AS path', { asPathPrefix: [65002] }, route(A), false],
    [
      'of an AS_SET',
      { asPathPrefix: [65001] },
      route(A, { attributes: attributes({ asPath: [set] }) }),
      false,
    ],
    ['of the whole AS path', { asPath: ['65001 65002'] }, route(A), true],
    ['of a part of the AS path', { asPath: ['65001'] }, route(A), false],
    ['of AS numbers anywhere', { asPath: ['* 65002 *'] }, route(A), true],
    ['of a range and any one', { asPath: ['65000..65009 ?'] }, route(A), true],
    ['of an AS path that is empty', { asPath: [''] }, route(A, LOCAL), true],
    ['of anything', { asPath: ['*'] }, route(A, LOCAL), true],
    [
      'of a member of an AS_SET',
      { asPath: ['65001'] },
      route(A, { attributes: attributes({ asPath: [set] }) }),
      true,
    ],
    ['of the length of the AS path', { asPathLength: { eq: 2 } }, route(A), true],
    ['of a longer AS path', { asPathLength: { gt: 2 } }, route(A), false],
    ['of the origin', { origin: ['egp', 'igp'] }, route(A), true],
    ['of another origin', { origin: ['incomplete'] }, route(A), false],
    ['of the origin of a local route', { origin: ['igp'] }, route(A, LOCAL), true],
    ['of MED', { med: { eq: 5 } }, route(A, { attributes: attributes({ med: 5 }) }), true],
    ['of a MED that is absent', { med: {} }, route(A), false],
    [
      'of any community of an AS',
      { community: ['64512:*'] },
      route(A, { attributes: attributes({ communities: [0xfc000007] }) }),
      true,
    ],
    [
      'of any community of another AS',
      { community: ['64513:*', '*:8'] },
      route(A, { attributes: attributes({ communities: [0xfc000007] }) }),
      false,
    ],
    [
      'of any large community of an AS',
      { community: ['64512:*:2'] },
      route(A, { attributes: attributes({ largeCommunities: [large] }) }),
      true,
    ],
    ['of LOCAL_PREF', { localPref: 100 }, route(A), true],
    [
      'of the LOCAL_PREF that absence means',
      { localPref: 100 },
      route(A, { attributes: attributes({ localPref: undefined }) }),
      true,
    ],
    ['of the LOCAL_PREF of a local route', { localPref: 100 }, route(A, LOCAL), false],
    ['of a LOCAL_PREF above a bound', { localPref: { gt: 99, lt: 101 } }, route(A), true],
    ['of a LOCAL_PREF at a bound', { localPref: { gt: 100 } }, route(A), false],
    ['of a metric', { metric: { lt: 1024, ge: 0 } }, route(A, { ...LOCAL, metric: 0 }), true],
    [
      'of a metric at the bound',
      { metric: { lt: 1024 } },
      route(A, { ...LOCAL, metric: 1024 }),
      false,
    ],
    ['of an undefined metric', { metric: {} }, route(A, LOCAL), false],
    ['of the next hop', { nextHop: ['::/0', '10.0.0.0/24'] }, route(A), true],
    ['of another next hop', { nextHop: ['10.0.1.0/24'] }, route(A), false],
    ['of a host as next hop', { nextHop: ['10.0.0.9/32', '10.0.0.7/32'] }, route(A), true],
    ['of other hosts', { nextHop: ['10.0.0.9/32', '::a00:7/128'] }, route(A), false],
    ['of a range beside hosts', { nextHop: ['10.0.0.9/32', '10.0.0.0/24'] }, route(A), true],
    ['of the peer', { fromPeer: ['peer-1'] }, route(A), true],
    ['of another peer', { fromPeer: ['peer-2'] }, route(A), false],
    ['of two conditions, one failing', { source: ['bgp'], localPref: 1 }, route(A), false],
  ])('%s', (_, match, view, expected) => {
    const policy = policyOf([rule(match, 'accept')]);
    expect(isAccepted(policy.evaluate(view, newEdits()))).toBe(expected);
  });
});

describe('a set', () => {
  test.each<[SetActions, object]>([
    [
      { localPref: 200, med: 10, metric: 5, preference: 6 },
      { localPref: 200, med: 10, metric: 5, preference: 6 },
    ],
    [
      { addCommunity: ['1:1', '1:1:1'] },
      { addCommunities: [65537], addLargeCommunities: ['1:1:1'] },
    ],
    [
      { addCommunity: ['1:1'], removeCommunity: ['1:1'] },
      { addCommunities: [65537], removeCommunities: [] },
    ],
    [{ prependAsPath: [1, 2] }, { prependAsPath: [1, 2] }],
    [
      { nextHop: 'self', tunnel: 'tunl0' },
      { nextHopSelf: true, tunnel: 'tunl0' },
    ],
    [{ localPrefFromMetric: 2147483647 }, { localPref: 2147482623 }],
    [{ metricFromLocalPref: 2147483647 }, { metric: 2147483547 }],
    [{ metricFromLocalPref: 1 }, { metric: 0 }],
  ])('%j', (actions, expected) => {
    const policy = policyOf([rule({}, 'accept', actions)]);
    expect(judge(policy, route(A)).edits).toMatchObject(expected);
    expect(policy.edits).toBe(true);
  });

  test('removes communities by a pattern, whatever the peer sent', () => {
    const policy = policyOf([
      rule({}, 'continue', { addCommunity: ['64512:9'] }),
      rule({}, 'accept', { removeCommunity: ['64512:*', '*:*:1'], addCommunity: ['64512:7'] }),
    ]);
    const received = attributes({
      communities: [0xfc000001, 0xfc010001, 0xfc000002],
      largeCommunities: [large, { ...large, local2: 1 }],
    });
    const { edits } = judge(policy, route(A, { attributes: received }));
    expect(applyEdits(received, edits)).toMatchObject({
      communities: [0xfc010001, 0xfc000007],
      largeCommunities: [large],
    });
  });

  test('may change the origin', () => {
    const policy = policyOf([rule({}, 'accept', { origin: 'incomplete' })]);
    const { edits } = judge(policy, route(A));
    expect(applyEdits(attributes(), edits)).toMatchObject({ origin: 'incomplete' });
  });

  test('is seen by later rules', () => {
    const policy = policyOf([
      rule({}, 'continue', { localPref: 7, metric: 8, addCommunity: ['1:1'], prependAsPath: [9] }),
      rule(
        { localPref: 7, metric: { eq: 8 }, community: ['1:1'], asPathPrefix: [9, 65001] },
        'accept',
      ),
    ]);
    expect(judge(policy, route(A)).text).toBe('accepted by p rule 2');
  });
});

test('edits change the attributes without repeating a community', () => {
  const before = attributes({ communities: [1, 2], largeCommunities: [large] });
  const edits = {
    ...newEdits(),
    addCommunities: [2, 3],
    removeCommunities: [1],
    prependAsPath: [5],
    med: 4,
  };
  edits.removeLargeCommunities.push('64512:1:2');
  expect(applyEdits(before, edits)).toMatchObject({
    communities: [2, 3],
    largeCommunities: [],
    med: 4,
    asPath: [{ type: 'sequence', asns: [5, 65001, 65002] }],
  });
  resetEdits(edits);
  expect(edits).toEqual(newEdits());
  expect(applyEdits(before, edits)).toBe(before);
});

test('the end decides where no rule does, and policies run in order', () => {
  const policies = { a: [rule({ localPref: 1 }, 'accept')], b: [rule({}, 'reject')] };
  const run = (names: readonly string[]) =>
    judge(compilePolicy(names, policies, 'accept', CONTEXT), route(A)).text;
  expect(run(['a'])).toBe('accepted: no rule ended the evaluation');
  expect(run(['a', 'constructor', 'b'])).toBe('rejected by b rule 1');
});

test('rules for the other kind of session vanish from key and uses', () => {
  const plain = policyOf([rule({}, 'accept')]);
  const more = policyOf([
    rule({}, 'accept'),
    rule({ peerType: 'ebgp', prefix: [within('::/0')] }, 'reject'),
  ]);
  expect(more.key).toBe(plain.key);
  expect(more.uses.prefix).toBe(false);
});

describe('the policies of Calico', () => {
  const SUM = 2147483647;
  const exports = [
    rule({ source: ['bgp'] }, 'continue', { metricFromLocalPref: SUM }),
    rule({ source: ['kernel', 'direct', 'static'] }, 'continue', { localPrefFromMetric: SUM }),
    rule({ peerType: 'ibgp', interface: ['*.cali', 'tunl0'] }, 'reject'),
    rule({ prefix: [{ equal: A, ge: undefined, le: undefined }] }, 'accept'),
    rule({ prefix: [within(A)], metric: { lt: 1024 } }, 'accept'),
    rule({ prefix: [within(A)] }, 'reject'),
    rule({ prefix: [within('10.1.0.0/16')] }, 'accept'),
  ];
  test.each<[string, RouteView, string]>([
    ['an own block', route(A, { ...LOCAL, source: 'static' }), 'accepted by p rule 4'],
    ['a pod of it', route('10.1.0.5/32', { ...LOCAL, metric: 1024 }), 'rejected by p rule 6'],
    ['an urgent pod', route('10.1.0.5/32', { ...LOCAL, metric: 512 }), 'accepted by p rule 5'],
    [
      'a tunnel route',
      route('10.1.9.0/26', { ...LOCAL, interface: 'tunl0' }),
      'rejected by p rule 3',
    ],
    ['a block elsewhere', route('10.1.9.0/26'), 'accepted by p rule 7'],
    ['anything else', route('10.2.0.0/26'), 'rejected: no rule ended the evaluation'],
  ])('export %s', (_, view, text) => {
    expect(judge(policyOf(exports), view).text).toBe(text);
  });

  test('give an urgent route preference on import and its metric in the kernel', () => {
    const policy = policyOf([
      rule({}, 'continue', { metricFromLocalPref: SUM }),
      rule({ metric: { lt: 1024 } }, 'continue', { preference: 200 }),
    ]);
    const urgent = route(A, { attributes: attributes({ localPref: SUM - 512 }) });
    expect(judge(policy, urgent).edits).toMatchObject({ metric: 512, preference: 200 });
    expect(judge(policy, route(A)).edits.preference).toBeUndefined();
  });
});
