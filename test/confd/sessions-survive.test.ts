import { expect, test } from 'vitest';
import { diffConfig } from '../../src/config/diff.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import {
  block,
  configuration,
  derived,
  filter,
  nodeAt,
  peer,
  pool,
  service,
  slice,
} from './cluster-of.ts';

const rack = peer('rack', { peerIP: '172.16.0.1', asNumber: 65_001, filters: ['small'] });
const small = (cidr: string): Resource =>
  filter('small', {
    importV4: [{ action: 'Reject', matchOperator: 'In', cidr }],
    exportV4: [{ action: 'Reject', matchOperator: 'In', cidr }],
  });
const services = { serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] };
const before: readonly Resource[] = [nodeAt(1), nodeAt(2), rack, small('10.9.0.0/16')];

test.each<[string, readonly Resource[]]>([
  ['a pool that appears', [pool('main', { cidr: '10.1.0.0/16' })]],
  ['a block that is claimed', [block('n1', '10.1.0.0/26', 'confirmed')]],
  [
    'a Service that is announced',
    [
      configuration(services),
      service('web', {
        type: 'ClusterIP',
        clusterIP: '10.96.0.7',
        clusterIPs: ['10.96.0.7'],
        externalTrafficPolicy: 'Local',
        ipFamilies: ['IPv4'],
      }),
      slice('web-1', 'web', ['n1'], { ready: true }),
    ],
  ],
  ['a filter that changes', [small('10.8.0.0/16')]],
  [
    'a community that is added',
    [
      configuration({ prefixAdvertisements: [{ cidr: '10.1.0.0/16', communities: ['65000:7'] }] }),
      pool('main', { cidr: '10.1.0.0/16' }),
    ],
  ],
  ['another priority of routes', [configuration({ ipv4NormalRoutePriority: 2048 })]],
])('%s leaves every session up', (_what, after) => {
  const names = new Set(after.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  const others = before.filter(({ kind, metadata }) => !names.has(`${kind} ${metadata.name}`));
  const [old, now] = [derived(before).config, derived([...others, ...after]).config];
  const changes = diffConfig(old, now);
  expect(now).not.toEqual(old);
  expect(changes.length).toBeGreaterThan(0);
  for (const { change, effect } of changes) expect(change.type, effect).not.toBe('reset');
});
