import { describe, expect, test } from 'vitest';
import { readResource } from '../../../src/datastore/resources/read.ts';
import type { BGPPeerView } from '../../../src/datastore/resources/views.ts';
import { calico } from '../objects.ts';

const peer = (spec: Record<string, unknown>): ReturnType<typeof readResource> =>
  readResource(calico('BGPPeer', 'rack-1', spec));

const VALID = { peerIP: '10.0.0.9', asNumber: 64_512 };

describe('BGPPeer', () => {
  test('gives every field a type and absent ones their meaning', () => {
    const { view, problems } = peer({
      ...VALID,
      nodeSelector: "rack == '1'",
      password: { secretKeyRef: { name: 'bgp', key: 'rack-1' } },
      maxRestartTime: '1m30.5s',
      keepaliveTime: '0s',
      ttlSecurity: 0,
    });
    expect(problems).toEqual([]);
    expect(view).toMatchObject({
      form: { type: 'ip', address: '10.0.0.9', port: undefined, asn: 64_512 },
      password: { name: 'bgp', key: 'rack-1' },
      restartTime: 91,
      keepaliveTime: undefined,
      ttlSecurity: undefined,
      useNodeIp: true,
      reversePeering: true,
      allowOwnAs: 0,
    });
  });

  test.each([
    ['10.0.0.9:1790', '10.0.0.9', 1790],
    ['FD00::0003', 'fd00::3', undefined],
    ['[fd00:0::3]:50', 'fd00::3', 50],
    ['10.0.0.9:0', '10.0.0.9', undefined],
  ])('reads peerIP %s', (peerIP, address, port) => {
    const view = peer({ ...VALID, peerIP }).view as BGPPeerView;
    expect(view.form).toMatchObject({ address, port });
  });

  test.each([['[fd00::3]'], ['10.0.0.300'], ['10.0.0.9:70000'], ['[10.0.0.9]:179'], ['node-1']])(
    'refuses peerIP %s',
    (peerIP) => {
      const { view, problems } = peer({ ...VALID, peerIP });
      expect(view).toBeUndefined();
      expect(problems[0]).toMatchObject({
        code: 'wrong-value',
        severity: 'error',
        where: 'BGPPeer rack-1, spec.peerIP',
      });
    },
  );

  test.each<[string, Record<string, unknown>, string]>([
    ['node and nodeSelector', { ...VALID, node: 'a', nodeSelector: 'all()' }, 'node'],
    ['peerIP and peerSelector', { peerIP: '10.0.0.9', peerSelector: 'all()' }, 'peerIP'],
    ['an AS number for selected peers', { peerSelector: 'all()', asNumber: 1 }, 'asNumber'],
    ['nobody as peer', { asNumber: 1 }, 'peerIP'],
    ['an address of workloads', { ...VALID, localWorkloadSelector: 'all()' }, 'peerIP'],
    [
      'nodes for workloads',
      { peerSelector: 'all()', localWorkloadSelector: 'all()' },
      'peerSelector',
    ],
    ['a workload without AS number', { localWorkloadSelector: 'all()' }, 'asNumber'],
    [
      'two ways to say the next hop',
      { ...VALID, keepOriginalNextHop: true, nextHopMode: 'Auto' },
      'keepOriginalNextHop',
    ],
    [
      'reachableBy without peerIP',
      { peerSelector: 'all()', reachableBy: '10.0.0.1' },
      'reachableBy',
    ],
    ['reachableBy of the other family', { ...VALID, reachableBy: 'fd00::1' }, 'reachableBy'],
    ['a password without key', { ...VALID, password: { secretKeyRef: { name: 'x' } } }, 'password'],
  ])('refuses %s', (_what, spec, field) => {
    const { view, problems } = peer(spec);
    expect(view).toBeUndefined();
    expect(problems[0]).toMatchObject({
      code: 'conflicting-fields',
      where: `BGPPeer rack-1, spec.${field}`,
    });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ nextHopMode: 'self' }, 'one of Auto, Self, Keep'],
    [{ ttlSecurity: 256 }, 'a whole number from 0 to 255'],
    [{ asNumber: 1.1 }, 'an AS number'],
    [{ maxRestartTime: '10 seconds' }, 'a duration'],
    [{ filters: 'one' }, 'a list'],
    [{ nodeSelector: 'has(' }, 'expected an operator'],
    [{ reversePeering: true }, 'one of Auto, Manual'],
  ])('refuses %j', (fields, wanted) => {
    const { view, problems } = peer({ ...VALID, ...fields });
    expect(view).toBeUndefined();
    expect(problems[0]?.message).toContain(wanted);
  });

  test.each<[Record<string, unknown>]>([
    [{ peerSelector: 'all()' }],
    [{ peerSelector: '', peerIP: '10.0.0.9', asNumber: 1, node: '' }],
    [{ peerSelector: 'all()', asNumber: 0 }],
    [{ localWorkloadSelector: 'all()', asNumber: 1, localASNumber: 2, node: 'n1' }],
    [{ ...VALID, keepOriginalNextHop: false, nextHopMode: 'Keep' }],
    [{ ...VALID, reachableBy: '10.0.0.254' }],
    [{ ...VALID, password: { secretKeyRef: { name: 'x', key: 'y', optional: true } } }],
    [{ ...VALID, password: null, filters: null, ttlSecurity: null }],
    [{ ...VALID, numAllowedLocalASNumbers: 3, ttlSecurity: 255, filters: ['a', 'a'] }],
  ])('accepts %j', (spec) => {
    const { view, problems } = peer(spec);
    expect(problems).toEqual([]);
    expect(view).toBeDefined();
  });

  test('reads dotted and quoted AS numbers', () => {
    const asnOf = (asNumber: unknown): unknown =>
      (peer({ ...VALID, asNumber }).view as BGPPeerView).form;
    expect(asnOf('1.10')).toMatchObject({ asn: 65_546 });
    expect(asnOf('4200000000')).toMatchObject({ asn: 4_200_000_000 });
  });

  test('ignores an unknown field and says what was probably meant', () => {
    const { view, problems } = peer({ ...VALID, nodeSelecter: 'all()' });
    expect(view).toMatchObject({ name: 'rack-1' });
    expect(problems).toEqual([
      {
        code: 'unknown-field',
        severity: 'warning',
        where: 'BGPPeer rack-1, spec.nodeSelecter',
        message: 'there is no such field; it is ignored',
        cure: 'Write nodeSelector',
      },
    ]);
  });

  test('without AS number is left to its other end', () => {
    const { view, problems } = peer({ peerIP: '10.0.0.9' });
    expect(view).toMatchObject({ form: { asn: undefined } });
    expect(problems[0]).toMatchObject({
      severity: 'warning',
      where: 'BGPPeer rack-1, spec.asNumber',
    });
  });
});
