import { expect, test } from 'vitest';
import { LocalRoutes } from '../../src/rib/local-routes.ts';
import { NextHopTable } from '../../src/rib/next-hop-table.ts';
import { OutTable } from '../../src/rib/out-table.ts';
import { RecordTable } from '../../src/rib/record-table.ts';
import { LOCAL, SourceTable } from '../../src/rib/source.ts';
import { encodeAttributes } from '../../src/wire/encode-attributes.ts';
import type { CodecContext } from '../../src/wire/path-attributes.ts';
import { attributes } from './support.ts';

const CODEC: CodecContext = {
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: ['ipv4-unicast', 'ipv6-unicast'],
  maxMessage: 4096,
  extendedNextHop: false,
};

test('a table copied again and again keeps no more generations than its routes have', () => {
  const records = new RecordTable(new NextHopTable(new LocalRoutes(), true), undefined, 1);
  const extras = { preference: undefined, metric: undefined, tunnel: 'tunl0' };
  const own = { medSet: false, nextHopSelf: false, zone: '' };
  const record = records.derive(attributes(), { ...extras, ...own });
  let table = new OutTable(records, new SourceTable());
  table.retain(table.add(record, LOCAL));
  for (let round = 0; round < 5; round++) {
    const { table: copy, inUse } = table.copy();
    expect(inUse).toEqual([0]);
    expect(copy.generation).toBe(1);
    expect(copy.find(record, LOCAL)).toBe(0);
    table = copy;
  }
  table.retain(table.add(record, LOCAL));
  expect(table.copy().inUse).toEqual([0, 1]);
});

test('the names of tunnels go with the last record that has them', () => {
  const records = new RecordTable(new NextHopTable(new LocalRoutes(), true), undefined, 1);
  const own = {
    preference: undefined,
    metric: undefined,
    medSet: false,
    nextHopSelf: false,
    zone: '',
  };
  const through = (tunnel: string): number => records.derive(attributes(), { ...own, tunnel });
  const ids = ['tunl0', 'vxlan.calico', 'tunl0'].map(through);
  expect(ids[2]).toBe(ids[0]);
  expect(ids.map((id) => records.tunnel(id))).toEqual(['tunl0', 'vxlan.calico', 'tunl0']);
  expect(records.tunnels).toBe(2);
  for (const id of ids) records.release(id);
  expect(records.tunnels).toBe(0);
  expect(records.tunnel(through('wireguard'))).toBe('wireguard');
});

test('contexts go with the last record or session that has them: ids do not run out', () => {
  const records = new RecordTable(new NextHopTable(new LocalRoutes(), true), undefined, 1);
  const { contexts } = records;
  const block = encodeAttributes(attributes(), CODEC);
  const received = (localAsn: number): number => {
    const session = contexts.use(CODEC, 'classic', localAsn, '');
    const record = records.intern(block, 0, block.length, session);
    contexts.release(session.id);
    return record;
  };
  const kept = received(1);
  // More than a column of 16 bits tells apart.
  for (let asn = 2; asn < 70_000; asn++) records.release(received(asn));
  expect(contexts.size).toBe(1);
  expect(records.context(kept).localAsn).toBe(1);
  const [one, other] = [received(2), received(3)];
  expect([one, other].map((record) => records.context(record).localAsn)).toEqual([2, 3]);
  expect(received(3)).toBe(other);
  for (const record of [kept, one, other, other]) records.release(record);
  expect(contexts.size).toBe(0);
});

test('a record that a policy made has a context as long as it lives', () => {
  const records = new RecordTable(new NextHopTable(new LocalRoutes(), true), undefined, 1);
  const none = { preference: undefined, metric: undefined, tunnel: undefined };
  const made = (zone: string): number =>
    records.derive(attributes(), { ...none, medSet: false, nextHopSelf: false, zone });
  const ids = ['eth0', 'eth1', 'eth0'].map(made);
  expect(ids[2]).toBe(ids[0]);
  expect(records.contexts.size).toBe(2);
  for (const id of ids) records.release(id);
  expect(records.contexts.size).toBe(0);
});
