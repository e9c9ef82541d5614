import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GroupProfile } from '../../src/rib/group-key.ts';
import { LocalRoutes } from '../../src/rib/local-routes.ts';
import { NextHopTable } from '../../src/rib/next-hop-table.ts';
import { OutEncoder } from '../../src/rib/out-encoder.ts';
import { HELD } from '../../src/rib/reasons.ts';
import { RecordTable } from '../../src/rib/record-table.ts';
import { type Source, SourceTable } from '../../src/rib/source.ts';
import { Writer } from '../../src/wire/writer.ts';
import { anyBlock, RUNS } from '../wire/generators.ts';
import { ACCEPT, CLUSTER_ID } from './support.ts';

/** Message header, two length fields; what MP_REACH_NLRI takes without its prefixes. */
const UPDATE_OCTETS = 23;
const MP_REACH_OCTETS = 9;

const sourceOf = (session: 'ibgp' | 'ebgp'): Source =>
  new SourceTable().add({
    name: 'a',
    session,
    remoteId: 0x0a000002,
    remoteAsn: 65001,
    role: undefined,
    address: Uint8Array.of(10, 0, 0, 2),
    client: true,
  });

const profile: fc.Arbitrary<GroupProfile> = fc.record({
  family: fc.constantFrom('ipv4-unicast', 'ipv6-unicast'),
  kind: fc.constantFrom('ebgp', 'route-server-client', 'ibgp', 'client'),
  role: fc.constantFrom(undefined, 'provider'),
  as4: fc.boolean(),
  addPath: fc.boolean(),
  maxMessage: fc.integer({ min: 60, max: 3000 }),
  extendedNextHop: fc.boolean(),
  localAsn: fc.constantFrom(65000, 4200000000),
  nextHop: fc.constantFrom('auto', 'self', 'keep'),
  ownNextHop: fc.constantFrom(undefined, new Uint8Array(4).fill(1), new Uint8Array(32).fill(32)),
  exportPolicy: fc.constant(ACCEPT),
  longLived: fc.boolean(),
  longLivedPartialDeployment: fc.boolean(),
  drain: fc.constantFrom('off', 'graceful'),
});

test('a route is refused as too large just when the message for one prefix would be', () => {
  fc.assert(
    fc.property(anyBlock, profile, ({ bytes, context, reachable }, group) => {
      const nextHops = new NextHopTable(new LocalRoutes(), true);
      const records = new RecordTable(nextHops, CLUSTER_ID, 1);
      const session = records.contexts.use(context, reachable, 65000, 'eth0');
      const record = records.intern(bytes, 0, bytes.length, session);
      fc.pre(record !== 0);
      const encoder = new OutEncoder({ records, nextHops, clusterId: CLUSTER_ID }, group);
      const source = sourceOf(context.kind);
      const refusal = encoder.refusal(record, source);
      fc.pre(refusal === 0 || refusal === HELD['too-large']);
      const block = new Writer();
      encoder.writeBlock(block, record, source);
      const mpNextHop = encoder.mpNextHop(record);
      const mp = mpNextHop === undefined ? 0 : MP_REACH_OCTETS + mpNextHop.length;
      const prefix = (group.addPath ? 4 : 0) + (group.family === 'ipv4-unicast' ? 5 : 17);
      const fits = UPDATE_OCTETS + mp + block.length + prefix <= group.maxMessage;
      expect(refusal).toBe(fits ? 0 : HELD['too-large']);
    }),
    { numRuns: 3 * RUNS.numRuns },
  );
});
