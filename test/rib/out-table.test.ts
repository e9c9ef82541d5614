import { expect, test } from 'vitest';
import { LocalRoutes } from '../../src/rib/local-routes.ts';
import { NextHopTable } from '../../src/rib/next-hop-table.ts';
import { OutTable } from '../../src/rib/out-table.ts';
import { RecordTable } from '../../src/rib/record-table.ts';
import { LOCAL, SourceTable } from '../../src/rib/source.ts';
import { attributes } from './support.ts';

const ENCODED = { block: Buffer.alloc(0), mpNextHop: undefined };

test('a table copied again and again keeps no more generations than its routes have', () => {
  const records = new RecordTable(new NextHopTable(new LocalRoutes(), true), undefined, 1);
  const extras = { preference: undefined, metric: undefined, tunnel: 'tunl0' };
  const own = { medSet: false, nextHopSelf: false, zone: '' };
  const record = records.derive(attributes(), { ...extras, ...own });
  let table = new OutTable(records, new SourceTable());
  table.retain(table.add(record, LOCAL, ENCODED));
  for (let round = 0; round < 5; round++) {
    const { table: copy, inUse } = table.copy();
    expect(inUse).toEqual([0]);
    expect(copy.generation).toBe(1);
    expect(copy.find(record, LOCAL)).toBe(0);
    table = copy;
  }
  table.retain(table.add(record, LOCAL, ENCODED));
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
