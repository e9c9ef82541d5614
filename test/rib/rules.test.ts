import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/policy/compile.ts';
import { encodeUpdate } from '../../src/wire/update.ts';
import {
  addressOf,
  attributes,
  CLUSTER_ID,
  OWN_ASN,
  prefixOf,
  REJECT,
  ROUTER_ID,
  SETTINGS,
  World,
} from './support.ts';

const sequence = (...asns: number[]) => [{ type: 'sequence' as const, asns }];
const P = '10.1.0.0/16';
// A key written out would make the object look like a promise to the linter.
const accept = { ['then' as const]: 'accept' as const };

describe('receiving', () => {
  test.each([
    ['own-as', { asPath: sequence(OWN_ASN) }],
    ['own-originator-id', { originatorId: ROUTER_ID }],
    ['own-cluster-id', { clusterList: [7, CLUSTER_ID] }],
  ])('keeps but never uses a path refused for %s', (reason, over) => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P], over);
    world.settle();
    expect(b.held).toEqual([]);
    expect(world.routes()).toMatchObject([{ state: 'rejected', reason }]);
    expect(a.rib.counts('ipv4-unicast')).toMatchObject({ received: 1, accepted: 0, rejected: 1 });
  });

  test.each([
    ['own-as', { asPath: sequence(OWN_ASN) }],
    ['own-originator-id', { originatorId: ROUTER_ID }],
    ['own-cluster-id', { clusterList: [7, CLUSTER_ID] }],
  ])('refuses for %s however many sets of attributes there are', (_reason, over) => {
    const world = new World();
    const a = world.peer('a');
    for (let med = 0; med < 300; med++)
      a.announce([`10.${med >> 8}.${med & 255}.0/24`], { ...over, med });
    world.settle();
    expect(a.rib.counts('ipv4-unicast')).toMatchObject({ received: 300, accepted: 0 });
  });

  test('takes its own AS number as often as it is allowed to', () => {
    const world = new World();
    const a = world.peer('a', { settings: { allowOwnAs: 1 } });
    a.announce([P], { asPath: sequence(OWN_ASN) });
    a.announce(['10.2.0.0/16'], { asPath: sequence(OWN_ASN, OWN_ASN) });
    world.settle();
    expect(world.best()).toEqual([`${P} a`]);
  });

  test('refuses AS_SET where the peer is configured so', () => {
    const world = new World();
    const a = world.peer('a', { kind: 'ebgp', asn: 65001, settings: { asSet: 'withdraw' } });
    a.announce([P], {
      asPath: [...sequence(65001), { type: 'set', asns: [1, 2] }],
      localPref: undefined,
    });
    world.settle();
    expect(world.routes()).toMatchObject([{ reason: 'as-set' }]);
  });

  test('never uses a next hop that is its own address, and looks again when it is no more', () => {
    const world = new World();
    const a = world.peer('a');
    world.rib.setOwnAddresses([addressOf('10.0.0.9')]);
    a.announce([P]);
    world.settle();
    expect(world.routes()).toMatchObject([{ state: 'rejected', reason: 'own-next-hop' }]);
    world.rib.setOwnAddresses([]);
    world.settle();
    expect(world.best()).toEqual([`${P} a`]);
  });

  test('treats the routes of a malformed UPDATE as withdrawn', () => {
    const world = new World();
    const a = world.peer('a');
    a.announce([P]);
    const bytes = encodeUpdate(
      {
        type: 'announce',
        family: 'ipv4-unicast',
        routes: [{ prefix: prefixOf(P) }],
        attributes: attributes({ nextHop: undefined }),
      },
      a.session.receive,
    );
    expect(a.receive(bytes)).toMatchObject({
      announced: 0,
      treatedAsWithdrawn: 1,
      remedies: [{ remedy: 'withdraw', reason: 'missing-attribute' }],
    });
    world.settle();
    expect(world.best()).toEqual([]);
  });

  test('says every time what RFC 7606 repaired', () => {
    const world = new World();
    const a = world.peer('a');
    for (let i = 0; i < 2; i++) {
      expect(a.announce([P], { localPref: undefined }).remedies).toMatchObject([
        { remedy: 'default', reason: 'missing-local-pref' },
      ]);
    }
  });

  test('announces a prefix that one UPDATE both withdraws and announces', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P]);
    world.settle();
    a.withdraw([P]);
    a.announce([P], { med: 3 });
    world.settle();
    expect(b.table.get(P)).toMatchObject({ med: 3 });
    expect(b.log.filter((line) => line === `-${P}`)).toEqual([]);
  });

  test('judges what it holds again when the import policy changes', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P]);
    world.settle();
    a.rib.configure({ ...SETTINGS, importPolicy: REJECT });
    world.settle();
    expect(b.held).toEqual([]);
    expect(world.routes({ filtered: true })).toMatchObject([{ reason: 'rejected-at-end' }]);
    a.rib.configure(SETTINGS);
    world.settle();
    expect(b.held).toEqual([P]);
  });

  test('prefers by what the import policy sets', () => {
    const rules = [{ match: {}, set: { preference: 200, localPref: 7 }, ...accept }];
    const importPolicy = compilePolicy(['x'], { x: rules }, 'accept', {
      kind: 'ibgp',
      ownNextHop: undefined,
      defaultMetric: 1024,
    });
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b', { settings: { importPolicy } });
    const c = world.peer('c');
    a.announce([P], { localPref: 500 });
    b.announce([P]);
    world.settle();
    expect(world.best()).toEqual([`${P} b`]);
    expect(c.table.get(P)).toMatchObject({ localPref: 7 });
    expect(world.routes({ view: 'in', peer: 'b' })[0]?.attributes).toMatchObject({
      localPref: 100,
    });
  });
});

describe('graceful restart', () => {
  test('keeps the routes of a lost peer until it says again what it has', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P, '10.2.0.0/16']);
    world.settle();
    a.rib.down(['ipv4-unicast']);
    world.settle();
    expect(b.held).toHaveLength(2);
    expect(a.rib.counts('ipv4-unicast').stale).toBe(2);
    a.rib.up(a.session);
    a.announce([P]);
    a.rib.sweepStale(['ipv4-unicast']);
    world.settle();
    expect(b.held).toEqual([P]);
    expect(b.log.filter((line) => line === `+${P}`)).toHaveLength(1);
    expect(a.rib.counts('ipv4-unicast')).toMatchObject({ received: 1, stale: 0 });
  });

  test('chooses nothing while the selection is deferred, and End-of-RIB waits as well', () => {
    const world = new World();
    world.rib.defer();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P]);
    world.settle();
    expect(b.log).toEqual([]);
    world.rib.release();
    world.settle();
    expect(b.log).toEqual([`+${P}`, 'end']);
  });

  test('an enhanced refresh sweeps what was not announced again', () => {
    const world = new World();
    const a = world.peer('a');
    a.announce([P, '10.2.0.0/16']);
    a.rib.beginRefresh('ipv4-unicast');
    a.announce([P]);
    a.rib.endRefresh('ipv4-unicast');
    world.settle();
    expect(world.best()).toEqual([`${P} a`]);
  });
});

describe('sending', () => {
  test('reflects between internal peers only where one of them is a client', () => {
    const world = new World();
    const client = world.peer('client');
    const plain = world.peer('plain', { settings: { reflectorClient: false } });
    const other = world.peer('other', { settings: { reflectorClient: false } });
    plain.announce([P]);
    client.announce(['10.2.0.0/16']);
    world.settle();
    expect(client.held).toEqual([P]);
    expect(other.held).toEqual(['10.2.0.0/16']);
    expect(world.routes({ view: 'out', peer: 'other', filtered: true })).toMatchObject([
      { reason: 'not-reflected' },
    ]);
  });

  test('does not reflect without a cluster id', () => {
    const world = new World({ reflects: false });
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P]);
    world.settle();
    expect(b.held).toEqual([]);
  });

  test('keeps the first ORIGINATOR_ID and puts its cluster id in front', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P], { originatorId: 5, clusterList: [9] });
    world.settle();
    expect(b.table.get(P)).toMatchObject({ originatorId: 5, clusterList: [CLUSTER_ID, 9] });
  });

  test('changes what crosses into another AS as RFC 4271 says', () => {
    const world = new World();
    const a = world.peer('a');
    const e = world.peer('e', { kind: 'ebgp', asn: 65001 });
    a.announce([P], { med: 9, asPath: sequence(7), originatorId: 5, clusterList: [9] });
    world.settle();
    expect(e.table.get(P)).toMatchObject({
      asPath: sequence(OWN_ASN, 7),
      nextHop: addressOf('10.0.0.1'),
      med: undefined,
      localPref: undefined,
      originatorId: undefined,
      clusterList: [],
    });
  });

  test('strips confederation segments from what leaves the AS (RFC 5065 §4)', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const e = world.peer('e', { kind: 'ebgp', asn: 65001 });
    const inside = { type: 'confed-sequence' as const, asns: [65100] };
    a.announce([P], { asPath: [inside, ...sequence(7)] });
    world.settle();
    expect(b.table.get(P)?.asPath).toEqual([inside, ...sequence(7)]);
    expect(e.table.get(P)?.asPath).toEqual(sequence(OWN_ASN, 7));
  });

  test('keeps non-transitive extended communities inside (RFC 4360 §6)', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const e = world.peer('e', { kind: 'ebgp', asn: 65001 });
    const bandwidth = Uint8Array.of(0x40, 4, 0, 1, 0x47, 0, 0, 0);
    const target = Uint8Array.of(0, 2, 0, 1, 0, 0, 0, 1);
    a.announce([P], { extendedCommunities: [bandwidth, target] });
    world.settle();
    expect(b.table.get(P)?.extendedCommunities).toHaveLength(2);
    expect(e.table.get(P)?.extendedCommunities).toEqual([target]);
  });

  test('gives a route from another AS its LOCAL_PREF and keeps its next hop inside', () => {
    const world = new World();
    const e = world.peer('e', { kind: 'ebgp', asn: 65001 });
    const b = world.peer('b');
    e.announce([P], { asPath: sequence(65001), localPref: undefined, med: 4 });
    world.settle();
    expect(b.table.get(P)).toMatchObject({
      localPref: 100,
      med: 4,
      nextHop: addressOf('10.0.0.9'),
      originatorId: undefined,
      clusterList: [],
    });
  });

  test.each([
    ['no-advertise', 0xffffff02, [], []],
    ['no-export', 0xffffff01, [P], []],
    ['no-export', 0xffffff03, [P], []],
  ])('honours %s (%i)', (_, community, inside, outside) => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const e = world.peer('e', { kind: 'ebgp', asn: 65001 });
    a.announce([P], { communities: [community] });
    world.settle();
    expect([b.held, e.held]).toEqual([inside, outside]);
  });

  test('announces routes of this machine: gateway inside, own address otherwise', () => {
    const world = new World();
    world.local('one', P, { gateway: addressOf('10.0.0.254'), source: 'kernel' });
    world.local('two', '10.2.0.0/16');
    world.local('three', '10.3.0.0/16', { announce: false });
    const b = world.peer('b');
    const e = world.peer('e', { kind: 'ebgp', asn: 65001 });
    world.settle();
    expect(b.held).toEqual([P, '10.2.0.0/16']);
    expect(b.table.get(P)).toMatchObject({
      origin: 'igp',
      asPath: [],
      nextHop: addressOf('10.0.0.254'),
      localPref: 100,
    });
    expect(b.table.get('10.2.0.0/16')).toMatchObject({ nextHop: addressOf('10.0.0.1') });
    expect(e.table.get(P)).toMatchObject({
      asPath: sequence(OWN_ASN),
      nextHop: addressOf('10.0.0.1'),
    });
    world.rib.removeLocal('one');
    world.settle();
    expect(b.held).toEqual(['10.2.0.0/16']);
  });

  test('sends IPv6 routes with our own next hop to another AS', () => {
    const world = new World();
    const families = ['ipv6-unicast' as const];
    const a = world.peer('a', { families });
    const b = world.peer('b', { families });
    const e = world.peer('e', { families, kind: 'ebgp', asn: 65001 });
    a.announce(['2001:db8::/32'], { nextHop: addressOf('fd00::9') });
    world.settle();
    expect(b.table.get('2001:db8::/32')).toMatchObject({
      nextHop: addressOf('fd00::9'),
      originatorId: a.session.remoteId,
    });
    expect(e.table.get('2001:db8::/32')).toMatchObject({ nextHop: addressOf('fd00::1') });
    expect(b.log).toEqual(['+2001:db8::/32', 'end']);
  });

  test('writes 4-octet AS numbers for a 2-octet peer as RFC 6793 says', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b', { as4: false });
    a.announce([P], { asPath: sequence(400000) });
    world.settle();
    expect(b.table.get(P)).toMatchObject({ asPath: sequence(400000) });
  });
});
