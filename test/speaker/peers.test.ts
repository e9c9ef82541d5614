import { beforeEach, describe, expect, test } from 'vitest';
import { OWN_ASN, peerAt, SECOND_ADDRESS, SPEAKER_ADDRESS, Station } from './station.ts';

const PEER = '10.0.0.2';
const HELD = 'the password cannot be read';

let station: Station;

beforeEach(() => {
  station = new Station();
});

const lastCease = (peer: ReturnType<Station['raw']>): number | undefined =>
  peer.notifications.at(-1)?.code === 6 ? peer.notifications.at(-1)?.subcode : undefined;

describe('who may connect', () => {
  test('a source that nobody configured is closed without a byte', () => {
    station.start({ peers: [] });
    const stranger = station.raw('10.0.0.66');
    stranger.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(stranger.received).toEqual([]);
    expect(stranger.connected).toBe(false);
    expect(station.speaker.refused).toBe(1);
  });

  test('a peer configured a moment later is accepted at its next attempt', () => {
    station.start({ peers: [] });
    const peer = station.raw(PEER);
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    station.apply({ peers: [peerAt(PEER, { passive: true })] });
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
  });

  test('two peers at one address are told apart by our own address', () => {
    const peer = (name: string, localAddress: string, port: number): object =>
      peerAt(PEER, { name, localAddress, port, passive: true });
    station.start({ peers: [peer('one', SPEAKER_ADDRESS, 179), peer('two', SECOND_ADDRESS, 180)] });
    station.raw(PEER).dial(SECOND_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.log).toContain('two open-confirm established');
    station.raw(PEER).dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.log).toContain('one open-confirm established');
  });
});

describe('a held peer', () => {
  const config = { peers: [peerAt(PEER)] };

  test('is neither dialled nor accepted, and says why', () => {
    station.start(config, [{ peer: `p${PEER}`, reason: HELD }]);
    const peer = station.raw(PEER);
    peer.listen('answer');
    station.seconds(120);
    expect(peer.connections).toBe(0);
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(peer.received).toEqual([]);
    expect(station.speaker.heldReason(`p${PEER}`)).toBe(HELD);
  });

  test('is dialled once nothing holds it any more', () => {
    station.start(config, [{ peer: `p${PEER}`, reason: HELD }]);
    const peer = station.raw(PEER);
    peer.listen('answer');
    station.seconds(10);
    station.apply(config);
    station.seconds(2);
    expect(station.state(PEER)).toBe('Established');
  });

  test('loses its session when it is held later', () => {
    station.start(config);
    const peer = station.raw(PEER);
    peer.listen('answer');
    station.seconds(10);
    station.apply(config, [{ peer: `p${PEER}`, reason: HELD }]);
    station.seconds(60);
    expect(lastCease(peer)).toBe(6);
    expect(station.state(PEER)).toBe('Idle');
    expect(peer.connections).toBe(1);
  });
});

describe('peers of an address range', () => {
  const range = (over: object = {}): object => ({
    dynamicPeers: [{ range: '10.0.0.0/24', asn: OWN_ASN, max: 2, ...over }],
  });

  test('are accepted when they dial, up to the limit', () => {
    station.start(range());
    const peers = [2, 3, 4].map((last) => station.raw(`10.0.0.${last}`));
    for (const peer of peers) peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.speaker.peers.map(({ config }) => config.address)).toEqual([
      '10.0.0.2',
      '10.0.0.3',
    ]);
    expect(peers[2]?.connected).toBe(false);
  });

  test('are never dialled', () => {
    station.start(range({ gracefulRestart: false }));
    const peer = station.raw(PEER);
    peer.listen('answer');
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    peer.crash();
    station.seconds(300);
    expect(peer.connections).toBe(1);
  });

  test('leave nothing behind', () => {
    station.start(range({ max: 1 }));
    const first = station.established(PEER);
    first.announce(['10.9.0.0/16']);
    station.seconds(1);
    expect(station.best()).toEqual(['10.9.0.0/16']);
    first.crash();
    station.seconds(1);
    expect(station.speaker.peers).toEqual([]);
    expect(station.paths()).toEqual([]);
    station.established('10.0.0.3');
  });

  test('that never open the session do not fill the range', () => {
    station.start(range({ max: 1 }));
    const stranger = station.raw(PEER, { asn: 65009 });
    stranger.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(stranger.notifications).toMatchObject([{ code: 2, subcode: 2 }]);
    expect(station.speaker.peers).toEqual([]);
    station.established('10.0.0.3');
  });

  test('with graceful restart are forgotten when the restart time is over', () => {
    station.start(range());
    const peer = station.established(PEER, { restart: {}, restartTime: 60 });
    peer.announce(['10.9.0.0/16']);
    station.seconds(1);
    peer.crash();
    station.seconds(55);
    expect(station.best()).toEqual(['10.9.0.0/16']);
    station.seconds(10);
    expect(station.paths()).toEqual([]);
    expect(station.speaker.peers).toEqual([]);
  });

  test('keep their sessions when the range changes in what needs no reset', () => {
    station.start(range());
    const peer = station.established(PEER);
    peer.announce(['10.9.0.0/16']);
    station.seconds(1);
    station.apply(range({ importPolicy: 'reject', max: 7 }));
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    expect(station.best()).toEqual([]);
    expect(peer.notifications).toEqual([]);
  });

  test('go when the range changes in what needs one, and may come again', () => {
    station.start(range());
    const peer = station.established(PEER);
    station.apply(range({ gracefulRestart: { restartTime: 7 } }));
    station.seconds(1);
    expect(lastCease(peer)).toBe(6);
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
  });

  test('go with the range', () => {
    station.start(range());
    const peer = station.established(PEER);
    station.apply({});
    station.seconds(1);
    expect(lastCease(peer)).toBe(3);
    expect(station.speaker.peers).toEqual([]);
  });
});
