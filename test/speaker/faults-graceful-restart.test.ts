import { beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../wire/fixtures.ts';
import type { RawPeer, RawPeerOptions } from './raw-peer.ts';
import { GLOBAL } from './raw-routes.ts';
import { peerAt, Station } from './station.ts';

/* Faults of graceful restart, of a peer's and of our own. */

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const V4 = '10.9.0.0/16';
const V6 = '2001:db8::/32';

let station: Station;

beforeEach(() => {
  station = new Station();
});

describe("a peer's restart", () => {
  let peer: RawPeer;

  /** A peer with a route of each family. */
  function startHelper(over: Partial<RawPeerOptions>, config: object = {}): void {
    station.start({ peers: [peerAt(PEER, { passive: true, ...config })] });
    peer = station.established(PEER, { restart: {}, restartTime: 60, ...over });
    tell(peer);
    peer.endOfRib();
    station.seconds(1);
    expect(station.best()).toEqual([V4, V6]);
  }

  function tell(to: RawPeer): void {
    to.announce([V4]);
    to.announce([V6], { nextHop: new Uint8Array(hex(GLOBAL)) });
  }

  const returns = (over: Partial<RawPeerOptions> = {}): RawPeer =>
    station.established(PEER, { restart: { restarting: true }, restartTime: 60, ...over });

  test('restart during restart: routes told in the first one live, older ones go', () => {
    startHelper({});
    peer.crash();
    station.seconds(10);
    const again = returns();
    again.announce([V4]);
    station.seconds(1);
    again.crash();
    station.seconds(10);
    expect(station.best()).toEqual([V4]);
    const third = returns();
    tell(third);
    third.endOfRib();
    station.seconds(1);
    expect(station.best()).toEqual([V4, V6]);
  });

  test('EoR never comes: what was not told again goes after the stale time', () => {
    startHelper({});
    peer.crash();
    station.seconds(10);
    returns().announce([V4]);
    station.seconds(170);
    expect(station.best()).toEqual([V4, V6]);
    station.seconds(20);
    expect(station.best()).toEqual([V4]);
  });

  test.each([
    ['ipv4-unicast', V6],
    ['ipv6-unicast', V4],
  ] as const)('EoR from one family only: %s', (family, left) => {
    startHelper({});
    peer.crash();
    station.seconds(10);
    returns().endOfRib([family]);
    station.seconds(1);
    expect(station.best()).toEqual([left]);
    station.seconds(190);
    expect(station.best()).toEqual([]);
  });

  test('F-bit cleared', () => {
    startHelper({});
    peer.crash();
    station.seconds(10);
    returns({ restart: { restarting: true, forwarding: false } });
    expect(station.best()).toEqual([]);
  });

  test('a family missing in the new capability', () => {
    startHelper({});
    peer.crash();
    station.seconds(10);
    returns({ families: ['ipv4-unicast'] });
    expect(station.best()).toEqual([V4]);
  });

  test('restart time 0', () => {
    startHelper({ restartTime: 0 });
    peer.crash();
    station.seconds(1);
    expect(station.best()).toEqual([]);
  });

  test('restart time 4095', () => {
    startHelper({ restartTime: 4095 });
    peer.crash();
    station.seconds(4090);
    expect(station.best()).toEqual([V4, V6]);
    station.seconds(10);
    expect(station.best()).toEqual([]);
  });

  test.each([
    ['the peer', { restart: undefined }, {}],
    ['us', {}, { gracefulRestart: false }],
  ] as const)('GR not negotiated by one side: %s', (_who, over, config) => {
    startHelper(over, config);
    peer.crash();
    station.seconds(1);
    expect(station.paths()).toEqual([]);
  });

  test('it hangs up in the middle of an UPDATE: the half is not taken', () => {
    startHelper({});
    const bytes = hex(`${'ff'.repeat(16)}0017020000`);
    peer.connection.end(new Uint8Array(bytes));
    station.seconds(1);
    expect(station.paths().every((path) => path.includes(' stale '))).toBe(true);
    const again = returns();
    tell(again);
    again.endOfRib();
    station.seconds(1);
    expect(station.best()).toEqual([V4, V6]);
  });
});

describe('our own restart', () => {
  const config = {
    kernel: { learn: true, program: true },
    peers: [peerAt(PEER, { passive: true }), peerAt(OTHER, { passive: true })],
  };
  const via = (gateway: string): string => `${V4} via ${gateway} dev eth0 metric 1024`;

  /** A life that programs the route through the peer, and ends. */
  function formerLife(): void {
    station.start(config);
    const peer = station.established(PEER, { restart: {} });
    peer.announce([V4]);
    station.seconds(1);
    expect(station.programmed()).toEqual([via(PEER)]);
    peer.hush();
    station.stop();
    station.seconds(5);
  }

  /** Both peers are back and have told everything: the first this route, the second none. */
  function recover(announce: (peer: RawPeer) => void): void {
    station.start(config);
    const peer = station.established(PEER, { restart: {} });
    const other = station.established(OTHER, { restart: {} });
    announce(peer);
    peer.endOfRib();
    other.endOfRib();
    station.seconds(10);
    expect(station.speaker.recovering).toBeUndefined();
  }

  const told = (peer: RawPeer): void => peer.announce([V4]);

  test('kernel routes already there: same', () => {
    formerLife();
    station.log.length = 0;
    recover(told);
    expect(station.programmed()).toEqual([via(PEER)]);
    expect(station.log.filter((line) => /^fib (add|replace|remove)/.test(line))).toEqual([]);
  });

  test('kernel routes already there: different, replaced without a gap', () => {
    formerLife();
    station.log.length = 0;
    recover((peer) => peer.announce([V4], { nextHop: new Uint8Array([10, 0, 0, 9]) }));
    expect(station.programmed()).toEqual([via('10.0.0.9')]);
    expect(station.log.filter((line) => line.startsWith(`fib remove ${V4}`))).toEqual([]);
  });

  test('kernel routes already there: foreign proto, left alone', () => {
    formerLife();
    const [ours] = station.fib.routes().filter(({ protocol }) => protocol === 12);
    if (ours === undefined) throw new Error('the former life left nothing');
    station.fib.remove(ours);
    station.fib.add({ ...ours, protocol: 80 });
    recover(told);
    expect(station.programmed()).toEqual([]);
    expect(station.fib.routes().filter(({ protocol }) => protocol === 80)).toHaveLength(1);
  });

  test('restart during restart', () => {
    formerLife();
    station.start(config);
    station.established(PEER, { restart: {} }).hush();
    station.seconds(3);
    station.stop();
    station.seconds(3);
    expect(station.programmed()).toEqual([via(PEER)]);
    recover(told);
    expect(station.programmed()).toEqual([via(PEER)]);
  });

  test('EoR from one family only: the FIB is kept until the wait is over', () => {
    formerLife();
    station.start(config);
    const peer = station.established(PEER, { restart: {} });
    const other = station.established(OTHER, { restart: {} });
    other.endOfRib();
    peer.endOfRib(['ipv6-unicast']);
    station.seconds(100);
    expect(station.speaker.recovering).toEqual([`p${PEER}`]);
    expect(station.programmed()).toEqual([via(PEER)]);
    peer.endOfRib(['ipv4-unicast']);
    station.seconds(10);
    expect(station.programmed()).toEqual([]);
  });

  test('GR not negotiated by one side: nobody is waited for', () => {
    formerLife();
    station.start(config);
    station.established(PEER);
    station.established(OTHER);
    station.seconds(10);
    expect(station.speaker.recovering).toBeUndefined();
    expect(station.programmed()).toEqual([]);
  });

  test.each([0, 1, 2, 5, 20])('SIGKILL during install: %i ms after the routes came', (age) => {
    const prefixes = Array.from(
      { length: 1000 },
      (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`,
    );
    const announce = (peer: RawPeer): void => {
      for (let at = 0; at < 1000; at += 250) peer.announce(prefixes.slice(at, at + 250));
    };
    station.start(config);
    const peer = station.established(PEER, { restart: {} });
    announce(peer);
    station.clock.advance(age);
    peer.hush();
    station.stop();
    const before = station.programmed();
    station.seconds(5);
    expect(station.programmed()).toEqual(before);
    recover(announce);
    expect(station.programmed()).toHaveLength(1000);
  });

  test('a dial of ours meets a peer that still waits for us', () => {
    formerLife();
    station.raw(PEER, { restart: {} }).listen('answer');
    station.start({ ...config, peers: [peerAt(PEER)] });
    station.seconds(3);
    expect(station.state(PEER)).toBe('Established');
    expect(station.programmed()).toEqual([via(PEER)]);
  });
});
