import { describe, expect, test } from 'vitest';
import type { Resource } from '../../../src/datastore/datastore.ts';
import {
  etcdKeyOf,
  etcdValueOf,
  prefixesOf,
  takeObject,
} from '../../../src/datastore/etcd/keys.ts';
import { readResource } from '../../../src/datastore/resources/read.ts';
import { calico } from '../objects.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const HOST = '/calico/ipam/v2/host';

function resourceAt(key: string, value: string): Resource {
  const taken = takeObject(key, Buffer.from(value));
  if ('fault' in taken) throw new Error(taken.fault);
  return taken.resource;
}

function faultAt(key: string, value: string): string {
  const taken = takeObject(key, Buffer.from(value));
  return 'fault' in taken ? taken.fault : 'none';
}

describe("a key of Calico's", () => {
  test('holds a resource as calicoctl stores it', () => {
    const stored =
      '{"kind":"Node","apiVersion":"projectcalico.org/v3","metadata":{"name":"n1","uid":"7f","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"rack":"r1"}},"spec":{"bgp":{"ipv4Address":"10.0.0.1/24"}}}';
    expect(resourceAt(`${RESOURCES}/nodes/n1`, stored)).toEqual(
      calico('Node', 'n1', { bgp: { ipv4Address: '10.0.0.1/24' } }, { rack: 'r1' }),
    );
  });

  test('names the object, whatever its value says', () => {
    const liar = '{"kind":"IPPool","metadata":{"name":"other","namespace":"x"},"spec":{}}';
    const { kind, metadata } = resourceAt(`${RESOURCES}/bgppeers/p`, liar);
    expect([kind, metadata.namespace, metadata.name]).toEqual(['BGPPeer', undefined, 'p']);
  });

  test.each([
    ['10.65.79.0-26', 'ipv4', '{"state":"confirmed","deleted":false}', 'confirmed'],
    ['10.65.79.0-26', 'ipv4', '{"state":"pending"}', 'pending'],
    ['10.65.79.0-26', 'ipv4', '', 'confirmed'],
    ['10.65.79.0-26', 'ipv4', '{}', 'confirmed'],
    ['fd00:10:65::40-122', 'ipv6', '{"state":"pendingDeletion"}', 'pendingDeletion'],
  ])('holds the block %s (%s) of a node with the value %s', (cidr, family, value, state) => {
    const resource = resourceAt(`${HOST}/n-1/${family}/block/${cidr}`, value);
    expect(readResource(resource)).toMatchObject({
      view: { kind: 'BlockAffinity', node: 'n-1', cidr: cidr.replace('-', '/'), state },
      problems: [],
    });
  });

  test('holds a block that counts as absent when it is marked as deleted', () => {
    const resource = resourceAt(`${HOST}/n/ipv4/block/10.0.0.0-26`, '{"deleted":true}');
    expect(readResource(resource).view).toBeUndefined();
  });

  test('has a name for each block of a cluster', () => {
    const names = ['ipv4/block/10.0.0.0-26', 'ipv4/block/10.0.0.0-27', 'ipv6/block/fd00::-122'].map(
      (at) => resourceAt(`${HOST}/n/${at}`, '').metadata.name,
    );
    expect(names).toEqual(['n-10-0-0-0-26', 'n-10-0-0-0-27', 'n-fd00---122']);
  });

  test.each([
    calico('Node', 'n1', {}),
    calico('BGPPeer', 'p', {}),
    calico('BGPConfiguration', 'node.n1', {}),
    calico('BGPFilter', 'f', {}),
    calico('IPPool', 'default', {}),
    calico('BlockAffinity', 'n1-10-0-0-0-26', {
      node: 'n1',
      cidr: '10.0.0.0/26',
      state: 'pending',
    }),
    calico('BlockAffinity', 'n1-fd00---122', { node: 'n1', cidr: 'fd00::/122' }),
  ])('is where $kind $metadata.name is written and found again', (resource) => {
    const key = etcdKeyOf(resource) ?? '';
    expect(resourceAt(key, etcdValueOf(resource))).toEqual(resource);
    expect(prefixesOf('all').filter((prefix) => key.startsWith(prefix))).toHaveLength(1);
  });

  test.each([
    [`${RESOURCES}/nodes/n1`, ''],
    [`${RESOURCES}/nodes/n1`, '{"spec":'],
    [`${RESOURCES}/nodes/n1`, '"text"'],
    [`${RESOURCES}/nodes/n1`, 'null'],
    [`${RESOURCES}/nodes/n1`, '[]'],
    [`${RESOURCES}/nodes/n1`, '{"spec":[]}'],
    [`${RESOURCES}/nodes/n1`, '{"metadata":{"labels":{"a":{}}}}'],
    [`${RESOURCES}/nodes/`, '{}'],
    [`${RESOURCES}/secrets/s`, '{}'],
    [`${HOST}/n/ipv4/block/10.0.0.0-26`, '[]'],
    [`${HOST}/n/ipv4/block/10.0.0.1-26`, '{}'],
    [`${HOST}/n/ipv4/block/10.0.0.0`, '{}'],
    [`${HOST}/n/ipv5/block/10.0.0.0-26`, '{}'],
    [`${HOST}/n/ipv4/block/10.0.0.0-26/x`, '{}'],
    [`${HOST}//ipv4/block/10.0.0.0-26`, '{}'],
  ])('%s with the value %s is no object', (key, value) => {
    expect(faultAt(key, value)).not.toBe('none');
  });

  test('exists only for what Calico keeps in etcd', () => {
    const core = { ...calico('Node', 'n1', {}), apiVersion: 'v1' };
    expect(etcdKeyOf(core)).toBeUndefined();
    expect(etcdKeyOf(calico('Service', 'web', {}))).toBeUndefined();
  });

  test('is the same for an object in the form of the other API group', () => {
    const peer = { ...calico('BGPPeer', 'p', {}), apiVersion: 'crd.projectcalico.org/v1' };
    const stored = resourceAt(etcdKeyOf(peer) ?? '', etcdValueOf(peer));
    expect(stored).toEqual(calico('BGPPeer', 'p', {}));
  });

  test('with more behind the name is not that of the object before', () => {
    expect(faultAt(`${RESOURCES}/nodes/n1/x`, '{"spec":{}}')).toBe('the key is not one of Calico');
  });

  test('cannot reach the prototype of objects', () => {
    const evil = '{"__proto__":{"polluted":1},"spec":{"__proto__":{"polluted":1}}}';
    resourceAt(`${RESOURCES}/nodes/n1`, evil);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('is read for the blocks of one node, of all or of none', () => {
    expect(prefixesOf({ node: 'n' }).at(-1)).toBe(`${HOST}/n/`);
    expect(prefixesOf('all').at(-1)).toBe(`${HOST}/`);
    expect(prefixesOf('none').some((prefix) => prefix.startsWith(HOST))).toBe(false);
  });
});
