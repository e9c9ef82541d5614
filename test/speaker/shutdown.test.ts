import { beforeEach, describe, expect, test } from 'vitest';
import { shutdownCommunication } from '../../src/wire/notification.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const NAME = `p${PEER}`;
const ROUTE = '10.8.0.0/16';

let station: Station;

beforeEach(() => {
  station = new Station();
});

const config = (over: object = {}): object => ({
  peers: [peerAt(PEER, over), peerAt(OTHER, { passive: true })],
});

/** A peer that answers whenever it is dialled. */
function listening(options: Parameters<Station['raw']>[1] = {}): RawPeer {
  const peer = station.raw(PEER, options);
  peer.listen('answer');
  return peer;
}

const words = (peer: RawPeer): readonly (string | undefined)[] =>
  peer.notifications.map(shutdownCommunication);

describe('a peer that is shut down by configuration', () => {
  test('loses its session and routes with the reason, and the others nothing', () => {
    station.start(config());
    const peer = listening();
    const other = station.established(OTHER);
    station.seconds(10);
    peer.announce([ROUTE]);
    station.seconds(1);
    expect(station.best()).toEqual([ROUTE]);
    station.apply(config({ shutdown: 'new line card' }));
    station.seconds(300);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 2 }]);
    expect(words(peer)).toEqual(['new line card']);
    expect(station.paths()).toEqual([]);
    expect(peer.connections).toBe(1);
    expect(station.state(PEER)).toBe('Idle');
    expect(station.speaker.heldReason(NAME)).toBe('shut down by configuration: new line card');
    expect(other.notifications).toEqual([]);
  });

  test('is told so for good where a NOTIFICATION would keep the routes (RFC 8538)', () => {
    station.start(config());
    const peer = listening({ restart: { notification: true } });
    station.seconds(10);
    station.apply(config({ shutdown: true }));
    station.seconds(1);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 9 }]);
    expect(peer.notifications[0]?.data.subarray(0, 2)).toEqual(Uint8Array.of(6, 2));
    expect(words(peer)).toEqual([undefined]);
    expect(station.speaker.heldReason(NAME)).toBe('shut down by configuration');
  });

  test('hears of nothing else that changes at the same time', () => {
    station.start(config());
    const peer = listening();
    station.seconds(10);
    station.apply(config({ shutdown: 'moved', holdTime: 30 }));
    station.seconds(60);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 2 }]);
    expect(peer.connections).toBe(1);
  });

  test('drops what was kept for its restart', () => {
    station.start(config());
    const peer = listening({ restart: {} });
    station.seconds(10);
    peer.announce([ROUTE]);
    station.seconds(1);
    peer.deafen();
    peer.crash();
    station.seconds(1);
    expect(station.best()).toEqual([ROUTE]);
    station.apply(config({ shutdown: true }));
    station.seconds(1);
    expect(station.paths()).toEqual([]);
  });

  test('is neither dialled nor accepted from the start, and not by an operator either', () => {
    station.start(config({ shutdown: 'not yet' }));
    const peer = listening();
    station.seconds(60);
    station.peer(PEER).clear();
    station.seconds(60);
    expect(peer.connections).toBe(0);
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(peer.received).toEqual([]);
  });

  test.each([[{ shutdown: false }], [{}]])('comes back at once with %j', (over) => {
    station.start(config({ shutdown: 'not yet' }));
    const peer = listening();
    station.seconds(60);
    station.apply(config({ shutdown: 'soon' }));
    station.seconds(60);
    expect(peer.connections).toBe(0);
    station.apply(config(over));
    station.seconds(2);
    expect(station.state(PEER)).toBe('Established');
    expect(station.speaker.heldReason(NAME)).toBeUndefined();
  });
});
