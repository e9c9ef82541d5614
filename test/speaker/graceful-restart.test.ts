import { beforeEach, describe, expect, test } from 'vitest';
import { reportPeer } from '../../src/speaker/report-peer.ts';
import { encodeNotification } from '../../src/wire/notification.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const RESTARTER = { restart: {}, restartTime: 60 };

let station: Station;
let other: RawPeer;

beforeEach(() => {
  station = new Station();
});

describe('as helper', () => {
  let peer: RawPeer;

  beforeEach(() => {
    station.start({
      clusterId: '10.0.0.1',
      peers: [
        peerAt(PEER, { passive: true, reflectorClient: true }),
        peerAt(OTHER, { passive: true, reflectorClient: true }),
      ],
    });
    peer = station.established(PEER, RESTARTER);
    other = station.established(OTHER);
    peer.announce(['10.8.0.0/16', '10.9.0.0/16']);
    peer.endOfRib();
    station.seconds(1);
  });

  const returns = (over: object = {}): RawPeer => {
    const again = station.raw(PEER, { ...RESTARTER, restart: { restarting: true }, ...over });
    again.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    return again;
  };

  test('keeps the routes of a peer that vanished, and tells nobody', () => {
    peer.crash();
    station.seconds(50);
    expect(station.paths().every((path) => path.includes(' stale '))).toBe(true);
    expect(other.held).toEqual(['10.8.0.0/16', '10.9.0.0/16']);
    expect(other.log).not.toContain('-10.8.0.0/16');
  });

  test('drops them when the restart time is over', () => {
    peer.crash();
    station.seconds(62);
    expect(station.paths()).toEqual([]);
    expect(other.held).toEqual([]);
  });

  test('sweeps at End-of-RIB what was not announced again', () => {
    peer.crash();
    station.seconds(10);
    const again = returns();
    again.announce(['10.9.0.0/16']);
    station.seconds(30);
    expect(other.held).toEqual(['10.8.0.0/16', '10.9.0.0/16']);
    again.endOfRib();
    station.seconds(1);
    expect(other.held).toEqual(['10.9.0.0/16']);
    expect(other.log.filter((line) => line.startsWith('-'))).toEqual(['-10.8.0.0/16']);
    expect(other.log.filter((line) => line === '+10.9.0.0/16')).toHaveLength(1);
  });

  test('drops at once what a restarted peer did not keep forwarding', () => {
    peer.crash();
    station.seconds(10);
    returns({ restart: { restarting: true, forwarding: false } });
    expect(other.held).toEqual([]);
  });

  test('drops everything when the peer comes back without the capability', () => {
    peer.crash();
    station.seconds(10);
    returns({ restart: undefined });
    expect(other.held).toEqual([]);
  });

  test('keeps only the last life through a second restart', () => {
    peer.crash();
    station.seconds(10);
    const again = returns();
    again.announce(['10.9.0.0/16']);
    station.seconds(1);
    again.crash();
    station.seconds(5);
    expect(other.held).toEqual(['10.9.0.0/16']);
    station.seconds(60);
    expect(other.held).toEqual([]);
  });

  test('does not wait for an End-of-RIB for ever', () => {
    peer.crash();
    station.seconds(10);
    returns();
    station.seconds(170);
    expect(other.held).toEqual(['10.8.0.0/16', '10.9.0.0/16']);
    station.seconds(15);
    expect(other.held).toEqual([]);
  });

  test('takes a new connection of a peer that has not been missed for its restart', () => {
    const again = returns();
    expect(other.log).not.toContain('-10.9.0.0/16');
    again.announce(['10.8.0.0/16', '10.9.0.0/16']);
    again.endOfRib();
    station.seconds(1);
    expect(other.held).toEqual(['10.8.0.0/16', '10.9.0.0/16']);
  });

  test.each([
    ['a NOTIFICATION', () => peer.send(encodeNotification(6, 2, Buffer.alloc(0)))],
    ['a malformed message', () => peer.send(Buffer.alloc(19))],
  ])('keeps nothing after %s', (_what, end) => {
    end();
    station.seconds(1);
    expect(other.held).toEqual([]);
  });
});

describe('with long-lived graceful restart (RFC 9494)', () => {
  test('routes of an absent peer outlive its restart time, and are seen as such', () => {
    const at = (address: string): object =>
      peerAt(address, { passive: true, longLivedGracefulRestart: { staleTime: 600 } });
    station.start({ peers: [at(PEER)] });
    const families = [{ afi: 1, safi: 1, forwarding: true, staleTime: 300 }];
    const peer = station.established(PEER, {
      ...RESTARTER,
      more: [{ type: 'long-lived-graceful-restart', families }],
    });
    peer.announce(['10.8.0.0/16']);
    station.seconds(1);
    peer.crash();
    station.seconds(100);
    expect(station.paths()).toEqual([`10.8.0.0/16 p${PEER} best stale only-path`]);
    const { gracefulRestart } = reportPeer(station.peer(PEER), 'configured', {
      heldReason: undefined,
      bfd: undefined,
    });
    expect(gracefulRestart).toMatchObject({ role: 'helper', staleRoutes: 1 });
    expect(gracefulRestart?.secondsLeft).toBeGreaterThan(200);
    station.seconds(270);
    expect(station.paths()).toEqual([]);
  });
});

describe('with the N bit of both sides (RFC 8538)', () => {
  const NOTIFYING = { restart: { notification: true }, restartTime: 60 };
  let peer: RawPeer;

  beforeEach(() => {
    station.start({ peers: [peerAt(PEER, { passive: true }), peerAt(OTHER, { passive: true })] });
    peer = station.established(PEER, NOTIFYING);
    peer.announce(['10.8.0.0/16']);
    peer.endOfRib();
    station.seconds(1);
  });

  test('routes outlive a NOTIFICATION, but not a Hard Reset', () => {
    peer.send(encodeNotification(6, 4, Buffer.alloc(0)));
    station.seconds(20);
    expect(station.best()).toEqual(['10.8.0.0/16']);
    const again = station.established(PEER, NOTIFYING);
    again.send(encodeNotification(6, 9, Buffer.from([6, 2])));
    station.seconds(1);
    expect(station.best()).toEqual([]);
  });

  test('a peer that leaves the configuration is told by a Hard Reset', () => {
    station.apply({ peers: [peerAt(OTHER, { passive: true })] });
    station.seconds(1);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 9 }]);
    expect([...(peer.notifications[0]?.data ?? [])]).toEqual([6, 3]);
  });
});

describe('as restarter', () => {
  const FAR = '10.77.0.0/16';
  const GONE = '10.78.0.0/16';
  /** Seconds for which the last life's routes outlive the recovery. */
  const SWEEP = 5;

  const config = (over: object = {}): object => ({
    kernel: { learn: true, program: true },
    peers: [peerAt(PEER, { passive: true }), peerAt(OTHER, { passive: true })],
    ...over,
  });

  const via = (prefix: string, gateway: string): string =>
    `${prefix} via ${gateway} dev eth0 metric 1024`;

  /** A life that programs two routes and ends without a word. */
  beforeEach(() => {
    station.start(config());
    const peer = station.established(PEER, RESTARTER);
    peer.announce([FAR, GONE]);
    station.seconds(1);
    expect(station.programmed()).toEqual([via(FAR, PEER), via(GONE, PEER)]);
    peer.hush();
    station.stop();
    station.seconds(5);
    station.start(config());
  });

  test('says so in its OPEN, in its first sessions only', () => {
    const peer = station.established(PEER, RESTARTER);
    const [open] = peer.opens;
    expect(open?.capabilities).toContainEqual(
      expect.objectContaining({ type: 'graceful-restart', restarting: true }),
    );
    peer.crash();
    station.seconds(1);
    const again = station.established(PEER, RESTARTER);
    const capability = again.opens[0]?.capabilities.find(({ type }) => type === 'graceful-restart');
    expect(capability).toMatchObject({ restarting: false, families: [{ forwarding: true }, {}] });
  });

  test('keeps what the last life programmed until every peer has told its routes', () => {
    const peer = station.established(PEER, RESTARTER);
    const late = station.established(OTHER, { restart: {} });
    peer.announce([FAR]);
    peer.endOfRib();
    station.seconds(30);
    expect(station.programmed()).toEqual([via(FAR, PEER), via(GONE, PEER)]);
    expect(station.speaker.recovering).toEqual([`p${OTHER}`]);
    expect(late.log).toEqual([]);
    late.endOfRib();
    station.seconds(1);
    expect(station.speaker.recovering).toBeUndefined();
    expect(station.programmed()).toEqual([via(FAR, PEER), via(GONE, PEER)]);
    station.seconds(SWEEP);
    expect(station.programmed()).toEqual([via(FAR, PEER)]);
    const ends = late.log.filter((line) => line.startsWith('end'));
    expect(ends.sort()).toEqual(['end ipv4-unicast', 'end ipv6-unicast']);
  });

  test('waits forty seconds for a peer that does not come back', () => {
    const peer = station.established(PEER, RESTARTER);
    peer.announce([FAR]);
    peer.endOfRib();
    station.seconds(38);
    expect(station.programmed()).toHaveLength(2);
    station.seconds(3 + SWEEP);
    expect(station.programmed()).toEqual([via(FAR, PEER)]);
  });

  test('waits four minutes for an End-of-RIB that does not come', () => {
    const peer = station.established(PEER, RESTARTER);
    peer.announce([FAR]);
    station.seconds(230);
    expect(station.programmed()).toHaveLength(2);
    station.seconds(15);
    expect(station.programmed()).toEqual([via(FAR, PEER)]);
  });

  test('does not wait for peers that restarted too, or know nothing of it', () => {
    station.established(PEER, { ...RESTARTER, restart: { restarting: true } });
    expect(station.speaker.recovering).toEqual([`p${OTHER}`]);
    station.established(OTHER);
    expect(station.speaker.recovering).toBeUndefined();
  });

  test('does not wait for a peer that is shut down meanwhile, up or not yet', () => {
    station.established(PEER, RESTARTER);
    expect(station.speaker.recovering).toEqual([`p${PEER}`, `p${OTHER}`]);
    const peers = [PEER, OTHER].map((at) => peerAt(at, { passive: true, shutdown: true }));
    station.apply(config({ peers }));
    station.seconds(1);
    expect(station.speaker.recovering).toBeUndefined();
  });

  test('does not wait for a peer that leaves the configuration', () => {
    const peer = station.established(PEER, RESTARTER);
    peer.endOfRib();
    station.seconds(1);
    station.apply(config({ peers: [peerAt(PEER, { passive: true })] }));
    station.seconds(1);
    expect(station.speaker.recovering).toBeUndefined();
    station.seconds(SWEEP);
    expect(station.programmed()).toEqual([]);
  });

  test('waits just as well when it listens nowhere and dials', () => {
    station.stop();
    const peer = station.raw(PEER, RESTARTER);
    peer.listen('answer');
    station.start(config({ listen: [], peers: [peerAt(PEER)] }));
    station.seconds(20);
    expect(station.programmed()).toEqual([via(FAR, PEER), via(GONE, PEER)]);
    peer.announce([FAR]);
    peer.endOfRib();
    station.seconds(10);
    expect(station.programmed()).toEqual([via(FAR, PEER)]);
  });

  test('keeps the FIB while another router id restarts every session', () => {
    station.established(OTHER);
    const peer = station.established(PEER, RESTARTER);
    peer.announce([FAR, GONE]);
    peer.endOfRib();
    station.seconds(1);
    station.log.length = 0;
    station.apply(config({ routerId: '10.0.0.77' }));
    station.seconds(2);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 6 }]);
    const again = station.established(PEER, RESTARTER);
    station.seconds(20);
    expect(station.programmed()).toEqual([via(FAR, PEER), via(GONE, PEER)]);
    again.announce([FAR]);
    again.endOfRib();
    station.established(OTHER);
    station.seconds(10);
    expect(station.programmed()).toEqual([via(FAR, PEER)]);
    expect(station.log.filter((line) => line.startsWith('fib add'))).toEqual([]);
  });

  test('touches no route in the FIB that it finds right', () => {
    station.log.length = 0;
    const peer = station.established(PEER, RESTARTER);
    peer.announce([FAR, GONE]);
    peer.endOfRib();
    station.established(OTHER);
    station.seconds(60);
    expect(station.log.filter((line) => /^fib (add|replace|remove)/.test(line))).toEqual([]);
    expect(station.programmed()).toEqual([via(FAR, PEER), via(GONE, PEER)]);
  });
});
