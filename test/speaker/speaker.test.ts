// biome-ignore-all lint/suspicious/noThenProperty: `then` is a word of the configuration's contract
import { beforeEach, describe, expect, test } from 'vitest';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, Station } from './station.ts';

const [A, B, C] = ['10.0.0.2', '10.0.0.3', '10.0.0.4'] as const;
const POLICIES = {
  inward: [{ match: {}, then: 'accept' }],
  outward: [{ match: {}, then: 'accept' }],
};

let station: Station;
let peers: readonly RawPeer[];

/** Three peers: A uses the policy `inward`, B `outward`, C none. */
function config(over: { a?: object; speaker?: object; policies?: object } = {}): object {
  return {
    clusterId: '10.0.0.1',
    networks: [{ prefix: '10.1.0.0/26' }],
    policies: { ...POLICIES, ...over.policies },
    peers: [
      peerAt(A, { passive: true, importPolicy: ['inward'], reflectorClient: true, ...over.a }),
      peerAt(B, { passive: true, exportPolicy: ['outward'], reflectorClient: true }),
      peerAt(C, { passive: true, reflectorClient: true }),
    ],
    ...over.speaker,
  };
}

beforeEach(() => {
  station = new Station();
  station.start(config());
  peers = [A, B, C].map((address) => station.established(address));
  peers[0]?.announce(['10.9.0.0/16']);
  station.seconds(1);
});

const raw = (index: number): RawPeer => {
  const peer = peers[index];
  if (peer === undefined) throw new Error('no peer');
  return peer;
};

/** Sessions that left Established. */
const flapped = (): readonly string[] =>
  station.speaker.peers.filter(({ flaps }) => flaps > 0).map(({ config: { address } }) => address);

const updates = (): readonly number[] =>
  peers.map(({ received }) => received.filter((name) => name === 'update').length);

function apply(over: Parameters<typeof config>[0]): void {
  station.apply(config(over));
  station.seconds(1);
}

describe('a configuration is applied as a difference', () => {
  test('the same one again does nothing at all', () => {
    const before = updates();
    apply({});
    expect(updates()).toEqual(before);
    expect(flapped()).toEqual([]);
  });

  test.each([
    ['keepaliveTime', { keepaliveTime: 7 }],
    ['connectRetryTime', { connectRetryTime: 17 }],
    ['errorWait', { errorWait: { min: 1, max: 2 } }],
    ['passive', { passive: false }],
    ['prefixLimit', { prefixLimit: { max: 100, action: 'warn' } }],
  ])('a hot field sends nothing: %s', (_field, a) => {
    const before = updates();
    apply({ a });
    expect(updates()).toEqual(before);
    expect(flapped()).toEqual([]);
    expect(peers.flatMap(({ notifications }) => notifications)).toEqual([]);
  });

  test.each([
    ['holdTime', { holdTime: 30 }],
    ['gracefulRestart', { gracefulRestart: { restartTime: 7 } }],
    ['families', { families: ['ipv4-unicast'] }],
    ['addPath', { addPath: { send: true } }],
  ])('a reset field restarts this session with Cease 6/6: %s', (_field, a) => {
    apply({ a });
    expect(flapped()).toEqual([A]);
    expect(raw(0).notifications).toMatchObject([{ code: 6, subcode: 6 }]);
    expect(raw(1).held).toEqual(['10.1.0.0/26']);
  });

  test('another AS number makes it another peer: Cease 6/3', () => {
    apply({ a: { asn: 65001 } });
    expect(raw(0).notifications).toMatchObject([{ code: 6, subcode: 3 }]);
    expect(raw(1).held).toEqual(['10.1.0.0/26']);
  });

  test('a refresh of what comes in takes the routes away and gives them back', () => {
    apply({ a: { importPolicy: 'reject' } });
    expect(raw(1).held).toEqual(['10.1.0.0/26']);
    apply({});
    expect(raw(1).held).toEqual(['10.1.0.0/26', '10.9.0.0/16']);
    expect(flapped()).toEqual([]);
    expect(raw(0).received).not.toContain('route-refresh');
  });

  test('a refresh of what goes out sends the difference', () => {
    apply({ a: { exportPolicy: 'reject' } });
    expect(raw(0).held).toEqual([]);
    expect(raw(1).held).toEqual(['10.1.0.0/26', '10.9.0.0/16']);
    apply({});
    expect(raw(0).held).toEqual(['10.1.0.0/26']);
    expect(flapped()).toEqual([]);
  });

  test('a policy reaches only those who use it', () => {
    const before = updates();
    const outward = [
      { match: { prefix: [{ in: '10.9.0.0/16' }] }, then: 'reject' },
      { match: {}, then: 'accept' },
    ];
    apply({ policies: { outward } });
    expect(raw(1).held).toEqual(['10.1.0.0/26']);
    expect([updates()[0], updates()[2]]).toEqual([before[0], before[2]]);
    expect(flapped()).toEqual([]);
  });

  test('networks come and go', () => {
    apply({ speaker: { networks: [{ prefix: '10.1.0.64/26' }] } });
    expect(raw(2).held).toEqual(['10.1.0.64/26', '10.9.0.0/16']);
    expect(flapped()).toEqual([]);
  });

  test('a peer more leaves the others alone', () => {
    const { peers: before } = config() as { peers: object[] };
    apply({ speaker: { peers: [...before, peerAt('10.0.0.5', { passive: true })] } });
    const added = station.established('10.0.0.5');
    expect(added.held).toEqual(['10.1.0.0/26', '10.9.0.0/16']);
    expect(flapped()).toEqual([]);
  });

  test('a peer less gets Cease 6/3, and its routes go', () => {
    const { peers: before } = config() as { peers: object[] };
    apply({ speaker: { peers: before.slice(1) } });
    expect(raw(0).notifications).toMatchObject([{ code: 6, subcode: 3 }]);
    expect(raw(1).held).toEqual(['10.1.0.0/26']);
    expect(station.state(B)).toBe('Established');
  });

  test.each([
    ['router id', { routerId: '10.0.0.9' }],
    ['cluster id', { clusterId: '10.0.0.9' }],
  ])('another %s restarts every session', (_what, speaker) => {
    apply({ speaker });
    for (const peer of peers) expect(peer.notifications).toMatchObject([{ code: 6, subcode: 6 }]);
    for (const peer of peers) peer.dial('10.0.0.1', 'answer');
    station.seconds(2);
    expect([A, B, C].map((address) => station.state(address))).toEqual(
      Array.from({ length: 3 }, () => 'Established'),
    );
  });
});

test('stops without a word to anybody', () => {
  const before = peers.map(({ received }) => received.length);
  station.stop();
  station.seconds(300);
  expect(peers.map(({ received }) => received.length)).toEqual(before);
  expect(peers.map(({ connected }) => connected)).toEqual([false, false, false]);
});
