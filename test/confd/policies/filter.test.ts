import { describe, expect, test } from 'vitest';
import type { PeerConfig, Rule } from '../../../src/config/types.ts';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { derived, filter, NO_MESH, nodeAt, peer } from '../cluster-of.ts';

const withFilters = (names: readonly string[], ...filters: readonly Resource[]): Resource[] => [
  NO_MESH,
  nodeAt(1),
  peer('p', { peerIP: '10.0.0.9', asNumber: 65_000, filters: names }),
  ...filters,
];

const peerOf = (resources: readonly Resource[]): PeerConfig | undefined =>
  derived(resources).config.peers[0];

/** The one rule of a filter that exports IPv4. */
function exportRule(rule: object): Rule | undefined {
  const { policies } = derived(withFilters(['f'], filter('f', { exportV4: [rule] }))).config;
  return policies['filter_export_v4_f']?.[0];
}

describe('BGPFilters', () => {
  test('come in their order before what Calico announces and prefers', () => {
    const reject = [{ action: 'Reject' }];
    const resources = withFilters(
      ['b', 'a', 'six', 'b'],
      filter('a', { exportV4: reject, importV4: reject }),
      filter('b', { exportV4: reject }),
      filter('six', { exportV6: reject }),
      filter('unused', { exportV4: reject }),
    );
    expect(peerOf(resources)).toMatchObject({
      importPolicy: ['filter_import_v4_a', 'calico_import_v4'],
      exportPolicy: [
        'calico_priority_v4',
        'filter_export_v4_b',
        'filter_export_v4_a',
        'filter_export_v4_b',
        'calico_export_v4',
      ],
    });
    const names = Object.keys(derived(resources).config.policies);
    expect(names.filter((name) => name.startsWith('filter_'))).toEqual([
      'filter_export_v4_a',
      'filter_export_v4_b',
      'filter_import_v4_a',
    ]);
  });

  test('do not touch the mesh', () => {
    const resources = [nodeAt(1), nodeAt(2), filter('f', { exportV4: [{ action: 'Reject' }] })];
    expect(peerOf(resources)?.exportPolicy).toEqual(['calico_priority_v4', 'calico_export_v4']);
  });

  test('that are not there are named', () => {
    expect(derived(withFilters(['f'])).problems).toMatchObject([
      { code: 'filter-unknown', where: 'BGPPeer p, spec.filters' },
    ]);
  });

  test('keep apart long names that begin alike', () => {
    const long = 'x'.repeat(220);
    const rules = { exportV4: [{ action: 'Reject' }] };
    const names = [`${long}a`, `${long}b`];
    const policies = peerOf(
      withFilters(names, ...names.map((at) => filter(at, rules))),
    )?.exportPolicy;
    expect(new Set(policies).size).toBe(4);
    expect(Math.max(...(policies ?? []).map((name) => name.length))).toBeLessThan(254);
  });

  test.each<[object, object]>([
    [{ cidr: '10.1.0.9/16', matchOperator: 'Equal' }, { prefix: [{ equal: '10.1.0.0/16' }] }],
    [{ cidr: '10.1.0.0/16', matchOperator: 'NotEqual' }, { prefix: [{ notEqual: '10.1.0.0/16' }] }],
    [
      { cidr: '10.1.0.0/16', matchOperator: 'In' },
      { prefix: [{ in: '10.1.0.0/16', ge: 16, le: 32 }] },
    ],
    [
      { cidr: '10.1.0.0/16', matchOperator: 'NotIn', prefixLength: { min: 8, max: 26 } },
      { prefix: [{ notIn: '10.1.0.0/16', ge: 16, le: 26 }] },
    ],
    [{ prefixLength: { min: 8 } }, {}],
    [{ source: 'RemotePeers' }, { source: ['bgp'] }],
    [{ interface: 'eth?' }, { interface: ['eth?'] }],
    [{ peerType: 'eBGP' }, { peerType: 'ebgp' }],
    [{ communities: { values: ['64512:1:2'] } }, { community: ['64512:1:2'] }],
    [{ asPathPrefix: [65_001, '65002'] }, { asPathPrefix: [65_001, 65_002] }],
    [{ priority: 512 }, { localPref: 2_147_483_135 }],
  ])('match %j', (condition, match) => {
    expect(exportRule({ action: 'Reject', ...condition })).toMatchObject({ match });
    expect(Object.keys(exportRule({ action: 'Reject', ...condition })?.match ?? {})).toEqual(
      Object.keys(match),
    );
  });

  test('with a range of lengths that is empty match nothing, or everything but nothing', () => {
    const empty = { action: 'Accept', cidr: '10.1.0.0/24', prefixLength: { max: 8 } };
    expect(exportRule({ ...empty, matchOperator: 'In' })).toBeUndefined();
    expect(exportRule({ ...empty, matchOperator: 'NotIn' })?.match).toEqual({});
  });

  test('do all their operations, but only when they accept', () => {
    const operations = [
      { addCommunity: { value: '64512:1' } },
      { prependASPath: { prefix: [1, 2] } },
      { setPriority: { value: 100 } },
      { prependASPath: { prefix: [3] } },
      { addCommunity: { value: '64512:2:3' } },
      { setPriority: { value: 512 } },
    ];
    expect(exportRule({ action: 'Accept', operations })?.set).toEqual({
      localPref: 2_147_483_135,
      addCommunity: ['64512:1', '64512:2:3'],
      prependAsPath: [3, 1, 2],
    });
    expect(exportRule({ action: 'Reject', operations })?.set).toEqual({});
  });

  test.each<[object, string]>([
    [{ action: 'Maybe' }, 'action'],
    [{}, 'action'],
    [{ action: 'Accept', cidr: '10.0.0.0/8' }, 'cidr'],
    [{ action: 'Accept', cidr: 'fd00::/8', matchOperator: 'In' }, 'cidr'],
    [{ action: 'Accept', cidr: '10.0.0.0/8', matchOperator: 'Within' }, 'matchOperator'],
    [
      { action: 'Accept', cidr: '10.0.0.0/8', matchOperator: 'Equal', prefixLength: { min: 9 } },
      'prefixLength',
    ],
    [{ action: 'Accept', source: 'Kernel' }, 'source'],
    [{ action: 'Accept', communities: { values: [] } }, 'communities.values'],
    [{ action: 'Accept', communities: { values: ['1:2', '1:3'] } }, 'communities.values'],
    [{ action: 'Accept', operations: [{}] }, 'operations[0]'],
    [{ action: 'Accept', asPathPrefix: [0] }, 'asPathPrefix[0]'],
  ])('with the rule %j count as absent', (rule, field) => {
    const { problems, config } = derived(withFilters(['f'], filter('f', { exportV4: [rule] })));
    expect(problems[0]).toMatchObject({
      severity: 'error',
      where: `BGPFilter f, spec.exportV4[0].${field}`,
    });
    expect(config.peers[0]?.exportPolicy).not.toContain('filter_export_v4_f');
  });
});
