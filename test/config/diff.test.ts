import { describe, expect, test } from 'vitest';
import { changeLines } from '../../src/config/change-lines.ts';
import { type ConfigChange, diffConfig } from '../../src/config/diff.ts';
import { rowsOf } from '../../src/config/fields.ts';
import { DYNAMIC_PEER_FIELDS, PEER_FIELDS } from '../../src/config/peer-fields.ts';
import { SPEAKER_FIELDS } from '../../src/config/speaker-fields.ts';
import type { PeerConfig, SpeakerConfig } from '../../src/config/types.ts';
import { FULL, resolved } from './written.ts';

const CONFIG = resolved(FULL);
const withPeer = (fields: object): SpeakerConfig => ({
  ...CONFIG,
  peers: CONFIG.peers.map((peer, index) => (index === 0 ? { ...peer, ...fields } : peer)),
});

const texts = (changes: readonly ConfigChange[]): readonly string[] =>
  changeLines(changes).map(({ change }) => change);

/** A changed value and the cost of every field of a peer. */
const PEER_COSTS: Readonly<Record<Exclude<keyof PeerConfig, 'name'>, readonly [unknown, string]>> =
  {
    address: ['10.0.0.9', 'reset 3'],
    passive: [true, 'hot'],
    shutdown: ['maintenance', 'reset 2'],
    asn: [65009, 'reset 3'],
    port: [180, 'reset 6'],
    interface: ['eth1', 'reset 6'],
    localAddress: ['10.0.0.1', 'reset 6'],
    localAsn: [65009, 'reset 6'],
    allowOwnAs: [1, 'refresh import'],
    reflectorClient: [true, 'refresh both'],
    routeServerClient: [true, 'refresh export'],
    role: ['customer', 'reset 6'],
    roleRequired: [true, 'reset 6'],
    families: [['ipv4-unicast'], 'reset 6'],
    holdTime: [30, 'reset 6'],
    keepaliveTime: [10, 'hot'],
    sendHoldTime: [600, 'hot'],
    connectRetryTime: [9, 'hot'],
    errorWait: [{ min: 0, max: 0 }, 'hot'],
    password: [{ file: 'key' }, 'reset 6'],
    multihop: [3, 'reset 6'],
    ttlSecurity: [1, 'reset 6'],
    nextHop: ['self', 'refresh export'],
    addPath: [{ send: false, receive: true }, 'reset 6'],
    extendedMessages: [false, 'reset 6'],
    extendedNextHop: [true, 'reset 6'],
    gracefulRestart: [undefined, 'reset 6'],
    longLivedGracefulRestart: [{ staleTime: 3600 }, 'reset 6'],
    longLivedPartialDeployment: [true, 'refresh export'],
    bfd: [true, 'hot'],
    prefixLimit: [{ max: 1, action: 'warn' }, 'hot'],
    gracefulShutdown: [true, 'refresh import'],
    asSet: ['withdraw', 'refresh import'],
    importPolicy: [['p'], 'refresh import'],
    exportPolicy: [['p'], 'refresh export'],
    importEnd: ['reject', 'refresh import'],
    exportEnd: ['reject', 'refresh export'],
  };

const cost = (change: (typeof PEER_FIELDS)['asn']['change']): string => {
  if (change.type === 'hot') return 'hot';
  return change.type === 'reset' ? `reset ${change.cease}` : `refresh ${change.direction}`;
};

describe('a changed field of a peer', () => {
  test.each(Object.entries(PEER_COSTS))('%s', (field, [value, expected]) => {
    const changes = diffConfig(CONFIG, withPeer({ [field]: value }));
    expect(changes).toMatchObject([
      { object: 'peer', name: 'a', kind: 'changed', fields: [field] },
    ]);
    expect(changes.map(({ change }) => cost(change))).toEqual([expected]);
  });

  test('has a row in the table above for every field', () => {
    const names = rowsOf(PEER_FIELDS).map(([name]) => name);
    expect(names.sort()).toEqual(['name', ...Object.keys(PEER_COSTS)].sort());
  });

  test('costs the same for dynamic peers', () => {
    for (const [name, { change }] of rowsOf(DYNAMIC_PEER_FIELDS))
      if (name in PEER_COSTS)
        expect(cost(change)).toBe(PEER_COSTS[name as keyof typeof PEER_COSTS][1]);
  });
});

test('every field of the speaker has its cost', () => {
  expect(rowsOf(SPEAKER_FIELDS).map(([name, { change }]) => `${name}: ${cost(change)}`)).toEqual([
    'asn: reset 6',
    'routerId: reset 6',
    'clusterId: reset 6',
    'listen: hot',
    'kernel: refresh both',
    'networks: hot',
    'policies: refresh both',
    'peers: hot',
    'dynamicPeers: hot',
    'bmp: hot',
    'hostName: hot',
    'softwareVersion: hot',
  ]);
});

test('equal configurations differ in nothing', () => {
  expect(diffConfig(CONFIG, resolved(FULL))).toEqual([]);
});

test('a new router id restarts every session and says why', () => {
  const changes = diffConfig(CONFIG, { ...CONFIG, routerId: '10.0.0.9' });
  expect(changes.map(({ name, change }) => `${name} ${change.type}`)).toEqual([
    'routerId reset',
    'a reset',
    'b reset',
    'c reset',
    '10.0.0.0/16 reset',
  ]);
  expect(changeLines(changes)).toEqual([
    expect.objectContaining({ object: 'speaker', names: ['routerId'], class: 'reset' }),
    {
      object: 'peer',
      names: ['a', 'b', 'c'],
      class: 'reset',
      change: '3 peers: the session restarts with Cease 6/6 (routerId)',
    },
    expect.objectContaining({ object: 'dynamicPeer', names: ['10.0.0.0/16'], class: 'reset' }),
  ]);
});

test('a changed policy refreshes only the peers that use it', () => {
  const changes = diffConfig(CONFIG, { ...CONFIG, policies: { p: [] } });
  expect(texts(changes)).toEqual([
    'speaker: policies changes (policy p), routes are re-evaluated (both), every session stays',
    'peer c: routes are re-evaluated (export), the session stays (policy p)',
  ]);
});

test('peers come and go without touching others', () => {
  const [first, ...others] = CONFIG.peers;
  const fewer = { ...CONFIG, peers: others };
  expect(first).toBeDefined();
  expect(texts(diffConfig(CONFIG, fewer))).toEqual(['peer a: removed, Cease 6/3']);
  expect(texts(diffConfig(fewer, CONFIG))).toEqual(['peer a: added']);
});

test('what happens alike to thousands of peers is one line, with the first names', () => {
  const peers = Array.from({ length: 3000 }, (_, index) => ({
    ...(CONFIG.peers[2] as PeerConfig),
    name: `peer-${index}`,
  }));
  const lines = changeLines(diffConfig({ ...CONFIG, peers }, { ...CONFIG, peers, policies: {} }));
  expect(lines.map(({ names, change }) => `${names.length} ${change}`)).toEqual([
    '1 speaker: policies changes (policy p), routes are re-evaluated (both), every session stays',
    '10 3000 peers: routes are re-evaluated (export), the session stays (policy p)',
  ]);
});

test('the strongest of several changes counts', () => {
  const changes = diffConfig(
    CONFIG,
    withPeer({ passive: true, nextHop: 'self', asSet: 'withdraw' }),
  );
  expect(changes.map(({ change }) => cost(change))).toEqual(['refresh both']);
});
