import { beforeEach, describe, expect, test } from 'vitest';
import { shutdownCommunication } from '../../src/wire/notification.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

const PEER = '10.0.0.2';
const OUTSIDE = '10.0.0.3';
const OWN = '10.1.0.0/24';
const FAR = '10.8.0.0/16';
const GRACEFUL_SHUTDOWN = 0xffff0000;

let station: Station;
let peer: RawPeer;
let outside: RawPeer;

const config = {
  kernel: { learn: false, program: true },
  networks: [{ prefix: OWN }],
  peers: [
    peerAt(PEER, { passive: true }),
    peerAt(OUTSIDE, { passive: true, asn: 65001, exportPolicy: 'accept' }),
  ],
};

beforeEach(() => {
  station = new Station();
  station.start(config);
  peer = station.established(PEER, { restart: { notification: true } });
  outside = station.established(OUTSIDE, { asn: 65001 });
  peer.announce([FAR]);
  peer.endOfRib();
  station.seconds(1);
  station.speaker.drain(30, 'upgrade');
  station.seconds(1);
});

describe('a drain', () => {
  test('first tells the peers to look for other ways', () => {
    expect(peer.table.get(OWN)).toMatchObject({ localPref: 0 });
    expect(outside.table.get(OWN)?.communities).toEqual([GRACEFUL_SHUTDOWN]);
    station.seconds(27);
    expect(station.speaker.drainStage).toBe('graceful');
    expect(peer.held).toEqual([OWN]);
  });

  test('then withdraws, and then ends every session, hard where a NOTIFICATION would not do', () => {
    station.seconds(30);
    expect([peer.held, outside.held]).toEqual([[], []]);
    expect([station.state(PEER), station.state(OUTSIDE)]).toEqual(['Established', 'Established']);
    station.seconds(3);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 9 }]);
    expect(outside.notifications).toMatchObject([{ code: 6, subcode: 2 }]);
    const texts = [peer, outside].flatMap(({ notifications }) =>
      notifications.map(shutdownCommunication),
    );
    expect(texts).toEqual(['upgrade', 'upgrade']);
  });

  test('reaches peers that come meanwhile', () => {
    peer.crash();
    const again = station.established(PEER);
    expect(again.table.get(OWN)).toMatchObject({ localPref: 0 });
  });

  test('leaves the FIB as it is, and nobody in', () => {
    station.seconds(40);
    expect(station.speaker.drainStage).toBe('drained');
    expect(station.programmed()).toEqual([`${FAR} via ${PEER} dev eth0 metric 1024`]);
    const again = station.raw(PEER);
    again.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(60);
    expect(station.state(PEER)).toBe('Idle');
    station.apply({ ...config, routerId: '10.0.0.77' });
    station.seconds(10);
    expect(station.state(PEER)).toBe('Idle');
    station.stop();
    expect(station.programmed()).toHaveLength(1);
  });

  test.each([
    ['while peers look for other ways', 10],
    ['when everything is withdrawn', 30],
  ])('is taken back %s, and no session notices', (_when, seconds) => {
    station.seconds(seconds);
    expect(station.speaker.cancelDrain()).toBe(true);
    station.seconds(60);
    expect(station.speaker.drainStage).toBe('off');
    expect(peer.table.get(OWN)).toMatchObject({ localPref: 100 });
    expect(outside.table.get(OWN)?.communities).toEqual([]);
    expect([station.peer(PEER).flaps, station.peer(OUTSIDE).flaps]).toEqual([0, 0]);
    station.speaker.drain(5, 'after all');
    station.seconds(8);
    expect(station.speaker.drainStage).toBe('drained');
  });

  test('is not taken back when its sessions have ended, or when there is none', () => {
    station.seconds(40);
    expect(station.speaker.cancelDrain()).toBe(false);
    expect(station.speaker.drainStage).toBe('drained');
    const other = new Station();
    other.start(config);
    expect(other.speaker.cancelDrain()).toBe(false);
  });

  test('is begun once', () => {
    station.speaker.drain(1, 'again');
    station.seconds(20);
    expect(station.speaker.drainStage).toBe('graceful');
  });
});
