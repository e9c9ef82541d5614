import { describe, expect, test } from 'vitest';
import { printConfig } from '../../src/config/print.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { configuration, derived, NO_MESH, nodeAt, peer, workload } from './cluster-of.ts';

type Annotations = Readonly<Record<string, string>>;

const annotated = (resource: Resource, annotations: Annotations): Resource => ({
  ...resource,
  metadata: {
    ...resource.metadata,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`bengal.dev/${key}`, value]),
    ),
  },
});

const TOR = peer('tor', { peerIP: '10.0.0.254', asNumber: 65_001 });
const REFLECTOR = peer('rr', { peerIP: '10.0.0.200', asNumber: 64_512 });

/** The derivation for a node whose one peer has the annotations, without problems of other kinds. */
function withPeer(resource: Resource, annotations: Annotations) {
  const { config, problems, provenance } = derived([
    NO_MESH,
    nodeAt(1),
    annotated(resource, annotations),
  ]);
  const [session] = config.peers;
  if (session === undefined) throw new Error('no peer');
  return { session, problems, provenance, config };
}

const bfdOf = (text: string, resource = TOR) => withPeer(resource, { bfd: text }).session.bfd;

describe('bengal.dev/bfd', () => {
  test('turns BFD on, with the usual intervals or others', () => {
    const usual = { minTx: 300, minRx: 300, multiplier: 3, multihop: false, strict: false };
    expect(bfdOf('true')).toEqual(usual);
    expect(bfdOf(' 100ms/1.5s/255 ')).toEqual({
      ...usual,
      minTx: 100,
      minRx: 1500,
      multiplier: 255,
    });
    expect(bfdOf('1m/60s/1 strict')).toMatchObject({ minTx: 60_000, strict: true });
  });

  test('is of one hop to another AS and of several within, unless it says otherwise', () => {
    expect(bfdOf('true', REFLECTOR)).toMatchObject({ multihop: true });
    expect(bfdOf('true single-hop', REFLECTOR)).toMatchObject({ multihop: false });
    expect(bfdOf('300ms/300ms/3 strict multihop')).toMatchObject({ multihop: true, strict: true });
  });

  test.each([
    'yes',
    'false',
    '300/300/3',
    '300ms/300ms',
    '300ms/300ms/3/1',
    '300ms/300ms/0',
    '300ms/300ms/256',
    '99ms/300ms/3',
    '300ms/61s/3',
    'true often',
    'true multihop single-hop',
    'strict',
  ])('that says %j is named, and the peer goes without BFD', (text) => {
    const { session, problems } = withPeer(TOR, { bfd: text });
    expect(session.bfd).toBeUndefined();
    expect(problems).toMatchObject([
      {
        code: 'wrong-value',
        severity: 'warning',
        where: 'BGPPeer tor, metadata.annotations.bengal.dev/bfd',
      },
    ]);
  });
});

describe('annotations of times', () => {
  test('stand in for what Calico gives, or has a field for', () => {
    const times = { 'hold-time': '1m30s', 'keepalive-time': '10s', 'connect-retry-time': '2s' };
    const slow = peer('tor', { peerIP: '10.0.0.254', asNumber: 65_001, keepaliveTime: '70s' });
    expect(withPeer(slow, times).session).toMatchObject({
      holdTime: 90,
      keepaliveTime: 10,
      connectRetryTime: 2,
    });
    expect(withPeer(slow, {}).session).toMatchObject({
      holdTime: 240,
      keepaliveTime: 70,
      connectRetryTime: 5,
    });
  });

  test('may turn keepalives off', () => {
    expect(withPeer(TOR, { 'hold-time': '0s' }).session.holdTime).toBe(0);
  });

  test('with keepalives too slow for the hold time are cut with a word', () => {
    const { session, problems } = withPeer(TOR, { 'hold-time': '9s', 'keepalive-time': '9s' });
    expect(session).toMatchObject({ holdTime: 9, keepaliveTime: undefined });
    expect(problems).toMatchObject([{ code: 'value-clamped' }]);
  });

  test.each([
    ['hold-time', '2s'],
    ['hold-time', '65536s'],
    ['hold-time', '90'],
    ['keepalive-time', '0s'],
    ['connect-retry-time', '-1s'],
  ])('that say %s: %s are named and ignored', (name, text) => {
    const { session, problems } = withPeer(TOR, { [name]: text });
    expect(session).toMatchObject({ holdTime: 240, keepaliveTime: undefined, connectRetryTime: 5 });
    expect(problems).toMatchObject([{ code: 'wrong-value', severity: 'warning' }]);
  });
});

test('an unknown annotation of ours is named with the one that was meant, others are nobody’s', () => {
  const { problems } = withPeer(TOR, { holdtime: '90s' });
  expect(problems).toMatchObject([
    { code: 'unknown-field', cure: expect.stringContaining('bengal.dev/hold-time') },
  ]);
  const foreign = { ...TOR.metadata, annotations: { 'example.org/bfd': 'yes' } };
  expect(derived([NO_MESH, nodeAt(1), { ...TOR, metadata: foreign }]).problems).toEqual([]);
});

test('annotations of BGPConfiguration default are those of the mesh, and of no other session', () => {
  const mesh = annotated(configuration({}), { bfd: 'true', 'hold-time': '30s' });
  const { config } = derived([mesh, nodeAt(1), nodeAt(2), TOR]);
  expect(config.peers.map(({ name, holdTime, bfd }) => [name, holdTime, bfd?.multihop])).toEqual([
    ['Global_10_0_0_254', 240, undefined],
    ['Mesh_10_0_0_2', 30, true],
  ]);
});

test('annotations of a BGPConfiguration of one node are named and ignored', () => {
  const own = annotated(configuration({}, 'node.n1'), { bfd: 'true' });
  const { config, problems } = derived([own, nodeAt(1), nodeAt(2)]);
  expect(config.peers[0]?.bfd).toBeUndefined();
  expect(problems).toMatchObject([{ code: 'ignored-field' }]);
});

test('annotations count for the workloads that a BGPPeer selects', () => {
  const selecting = peer('pods', { localWorkloadSelector: "app == 'router'", asNumber: 65_002 });
  const { config } = derived([
    NO_MESH,
    nodeAt(1),
    annotated(selecting, { bfd: 'true', 'hold-time': '30s' }),
    workload('w', 'pods', { ipv4Nets: ['10.1.0.9/32'] }),
  ]);
  expect(config.peers).toMatchObject([{ holdTime: 30, bfd: { multihop: false } }]);
});

test('the derived configuration says where it is from, and can be read again', () => {
  const { config, provenance } = withPeer(TOR, { bfd: '100ms/1m/255 strict' });
  expect(provenance.get('/peers/0/bfd')).toMatchObject({
    resource: 'BGPPeer//tor',
    field: 'metadata.annotations.bengal.dev/bfd',
  });
  expect(resolveConfig(printConfig(config))).toMatchObject({ config: { peers: config.peers } });
});

describe('bengal.dev/filters', () => {
  const rules = { importV4: [{ action: 'Reject', matchOperator: 'In', cidr: '10.9.0.0/16' }] };
  const filter = { ...peer('no-nines', rules), kind: 'BGPFilter' };
  const mesh = (names: string) => annotated(configuration({}), { filters: names });
  const both = [nodeAt(1), nodeAt(2), filter];

  test('puts filters before the policies of the mesh, and says so', () => {
    const { config, provenance, problems } = derived([mesh('no-nines'), ...both]);
    expect(problems).toEqual([]);
    const [session] = config.peers;
    expect(session?.importPolicy).toHaveLength(2);
    const [first = ''] = session?.importPolicy ?? [];
    expect(config.policies[first]).toMatchObject([{ match: { prefix: [{ in: '10.9.0.0/16' }] } }]);
    expect(provenance.get('/peers/0/importPolicy')).toMatchObject({
      resource: 'BGPConfiguration//default',
      field: 'metadata.annotations.bengal.dev/filters',
    });
  });

  test('that do not exist are named, and the mesh goes without them', () => {
    const { config, problems } = derived([mesh('no-nines, other'), ...both]);
    expect(config.peers[0]?.importPolicy).toHaveLength(2);
    expect(problems).toMatchObject([
      {
        code: 'filter-unknown',
        where: 'BGPConfiguration default, metadata.annotations.bengal.dev/filters',
      },
    ]);
  });

  test('are no annotation of a BGPPeer, which has a field for them', () => {
    expect(withPeer(TOR, { filters: 'no-nines' }).problems).toMatchObject([
      { where: 'BGPPeer tor, metadata.annotations.bengal.dev/filters' },
    ]);
  });
});
