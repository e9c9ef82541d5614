import { beforeEach, describe, expect, test } from 'vitest';
import type { Connection, ConnectionHandler } from '../../src/transport/transport.ts';
import { encodeNotification } from '../../src/wire/notification.ts';
import { message, update } from '../wire/fixtures.ts';
import type { RawPeer } from './raw-peer.ts';
import { OWN_ASN, peerAt, SECOND_ADDRESS, SPEAKER_ADDRESS, Station } from './station.ts';

/* Faults of sessions: what becomes of connections, timers and processes at the worst moment. */

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const STATES = ['OpenSent', 'OpenConfirm', 'Established'] as const;
const DAY = 86_400;

let station: Station;

beforeEach(() => {
  station = new Station();
});

const start = (over: object = {}): void => station.start({ peers: [peerAt(PEER, over)] });

/** A peer that was dialled, or dialled, and whose session has come so far. */
function peerIn(state: (typeof STATES)[number], dialled: boolean): RawPeer {
  const peer = station.raw(PEER);
  if (dialled) peer.listen();
  start({ passive: !dialled, gracefulRestart: false });
  if (!dialled) peer.dial(SPEAKER_ADDRESS);
  station.seconds(1);
  if (state !== 'OpenSent') peer.send(peer.open());
  station.seconds(1);
  if (state === 'Established') peer.keepalive();
  station.seconds(1);
  expect(station.state(PEER)).toBe(state);
  return peer;
}

/** The peer, well again, gets its session. */
function expectRecovery(peer: RawPeer): void {
  peer.deafen();
  station.seconds(40);
  const again = station.raw(PEER);
  again.listen('answer');
  again.dial(SPEAKER_ADDRESS, 'answer');
  station.seconds(40);
  expect(station.state(PEER)).toBe('Established');
}

const everyState = STATES.flatMap((state) => [[state, true] as const, [state, false] as const]);

describe('RST at each state', () => {
  test.each(everyState)('%s (dialled by us: %s)', (state, dialled) => {
    const peer = peerIn(state, dialled);
    station.network.cut(PEER, SPEAKER_ADDRESS, 'reset');
    station.seconds(1);
    expect(station.state(PEER)).not.toBe(state);
    station.network.restore(PEER, SPEAKER_ADDRESS);
    expectRecovery(peer);
  });

  test('Connect: the dial is refused, and tried again', () => {
    station.network.cut(PEER, SPEAKER_ADDRESS, 'reset');
    start();
    station.seconds(30);
    station.network.restore(PEER, SPEAKER_ADDRESS);
    station.raw(PEER).listen('answer');
    station.seconds(10);
    expect(station.state(PEER)).toBe('Established');
  });
});

describe('NOTIFICATION storms', () => {
  const cease = encodeNotification(6, 4, Buffer.alloc(0));
  const storms: readonly (readonly [string, Uint8Array])[] = [
    ['a thousand in one segment', Buffer.concat(Array.from({ length: 1000 }, () => cease))],
    ['mid-UPDATE', Buffer.concat([update('', '', '').subarray(0, 20), cease, cease])],
    ['of every code', Buffer.concat(Array.from({ length: 256 }, (_, at) => notice(at, at)))],
    ['without a body', message(3, '')],
    ['shutdown communication with a lying length', message(3, '0602ff61')],
    ['shutdown communication of 255 octets', message(3, `0602ff${'61'.repeat(255)}`)],
    ['shutdown communication that is no UTF-8', message(3, '060204c328a0a1')],
  ];
  const cases = everyState.flatMap(([state, dialled]) =>
    storms.map(([what, bytes]) => [what, state, dialled, bytes] as const),
  );

  test.each(cases)('%s, in %s (dialled by us: %s)', (_what, state, dialled, bytes) => {
    const peer = peerIn(state, dialled);
    peer.connection.end(bytes);
    station.seconds(2);
    expect(station.state(PEER)).not.toBe(state);
    expect(peer.notifications.length).toBeLessThan(2);
    expectRecovery(peer);
  });

  test('in every new session: attempts are few', () => {
    const peer = station.raw(PEER);
    peer.listen('answer');
    start({ connectRetryTime: 1 });
    let sent = 0;
    for (let tick = 0; tick < 600; tick++) {
      if (peer.connected) {
        peer.send(cease);
        sent++;
      }
      station.clock.advance(100);
    }
    expect(peer.connections).toBeLessThan(8);
    expect(sent).toBeGreaterThan(0);
  });
});

describe('who connects', () => {
  test('from right address wrong AS', () => {
    start({ passive: true });
    const peer = station.raw(PEER, { asn: 65009 });
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(peer.lastWord).toBe('2/2 ');
    expect(station.peer(PEER).state.lastError?.detail).toContain('AS 65009, not 64512');
  });

  test('flap 10/s: back-off, damp the logs', () => {
    start({ passive: true, gracefulRestart: false });
    let up = 0;
    for (let tick = 0; tick < 600; tick++) {
      const peer = station.raw(PEER);
      peer.dial(SPEAKER_ADDRESS, 'answer');
      station.clock.advance(50);
      if (station.state(PEER) === 'Established') up++;
      if (peer.connected) peer.crash();
      station.clock.advance(50);
    }
    expect(up).toBeGreaterThan(1);
    expect(up).toBeLessThan(8);
    expect(station.log.length).toBeLessThan(60);
    expectRecovery(station.raw(PEER));
  });
});

describe('connections without OPEN', () => {
  const SILENT: ConnectionHandler = {
    message: () => {},
    malformed: () => {},
    readEnd: () => {},
    drained: () => {},
    closed: () => {},
  };

  /** Dials from `addresses` and says nothing; returns how many connections are open. */
  function idle(addresses: readonly string[], each: number): () => number {
    const host = station.network.host(addresses);
    const open = new Set<Connection>();
    const remote = { address: SPEAKER_ADDRESS, port: 179 };
    for (const localAddress of addresses) {
      for (let count = 0; count < each; count++) {
        const options = { remote, localAddress, interface: undefined, ttl: undefined };
        const connected = (connection: Connection): void => {
          open.add(connection);
          connection.start({ ...SILENT, closed: () => open.delete(connection) });
        };
        host.dial(options, { connected, failed: () => {} });
      }
    }
    station.seconds(2);
    return () => open.size;
  }

  const crowd = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `10.1.${at >> 8}.${at & 255}`);

  const beforeOpen = (): number | undefined =>
    station.network.hostOf(SPEAKER_ADDRESS)?.counters.beforeOpen;

  test('10 000 idle connections before OPEN from strangers: none stays', () => {
    start({ passive: true });
    expect(idle(crowd(10_000), 1)()).toBe(0);
    expect(beforeOpen()).toBe(0);
    expect(station.established(PEER).connected).toBe(true);
  });

  test('10 000 idle connections before OPEN from one peer: cap, timer', () => {
    station.start({
      peers: [peerAt(PEER, { passive: true }), peerAt(OTHER, { passive: true })],
    });
    const open = idle([PEER], 10_000);
    expect(open()).toBeLessThanOrEqual(8);
    expect(station.established(OTHER).connected).toBe(true);
    station.seconds(300);
    expect(open()).toBe(0);
    expect(beforeOpen()).toBe(0);
  });

  test('10 000 idle connections before OPEN from a range: cap, timer', () => {
    station.start({
      peers: [peerAt(PEER, { passive: true })],
      dynamicPeers: [{ range: '10.1.0.0/16', asn: OWN_ASN, max: 100 }],
    });
    const open = idle(crowd(10_000), 1);
    expect(open()).toBeLessThanOrEqual(100);
    expect(station.established(PEER).connected).toBe(true);
    station.seconds(300);
    expect(open()).toBe(0);
    expect(station.speaker.peers).toHaveLength(1);
  });

  test('SYN flood to 179: dials that are given up leave nothing', () => {
    start({ passive: true });
    const host = station.network.host(['10.1.0.1']);
    const remote = { address: SPEAKER_ADDRESS, port: 179 };
    const options = { remote, localAddress: '10.1.0.1', interface: undefined, ttl: undefined };
    for (let count = 0; count < 10_000; count++) {
      const cancel = host.dial(options, { connected: () => {}, failed: () => {} });
      station.clock.setTimer('gone', count % 3, cancel);
    }
    station.seconds(2);
    expect(beforeOpen()).toBe(0);
    expect(station.established(PEER).connected).toBe(true);
  });
});

describe('a peer that does not take its output', () => {
  const ROUTES = 200 * 200;

  /** More routes than any socket buffers, through another peer; each round changes all of them. */
  function flood(source: RawPeer, round: number = 0): void {
    for (let net = 0; net < 200; net++) {
      const prefixes = Array.from({ length: 200 }, (_, host) => `10.${net}.${host}.0/24`);
      source.announce(prefixes, { communities: [net, round] });
      station.clock.advance(10);
    }
  }

  let source: RawPeer;

  beforeEach(() => {
    const open = { passive: true, importPolicy: 'accept', exportPolicy: 'accept' };
    station.start({ peers: [peerAt(PEER, open), peerAt(OTHER, { ...open, asn: 65001 })] });
    source = station.established(OTHER, { asn: 65001 });
  });

  test('peer accepts but never reads (zero window): send hold timer, queue bound', () => {
    const stuck = station.established(PEER);
    stuck.connection.pause();
    let most = 0;
    for (let round = 0; round < 3; round++) {
      flood(source, round);
      most = Math.max(most, station.peer(PEER).link?.connection.queued ?? 0);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(1024 * 1024);
    station.seconds(500);
    expect(station.peer(PEER).state.lastError?.reason).toBe('send-hold-expired');
    expect(station.state(OTHER)).toBe('Established');
  });

  test('peer reads slowly, a message a second: gets everything, others are not held up', () => {
    const slow = station.established(PEER);
    slow.sip();
    flood(source);
    expect(station.best()).toHaveLength(ROUTES);
    expect(station.peer(PEER).link?.connection.queued).toBeLessThan(1024 * 1024);
    station.seconds(600);
    expect(station.state(PEER)).toBe('Established');
    expect(slow.held).toHaveLength(ROUTES);
  });

  test('MTU black hole: our routes never arrive, the peer gives up, and is not dialled in haste', () => {
    const peer = station.established(PEER);
    peer.connection.pause();
    flood(source);
    peer.connection.end(encodeNotification(4, 0, Buffer.alloc(0)));
    station.seconds(1);
    expect(station.peer(PEER).state.lastNotification?.code).toBe(4);
    expect(station.state(PEER)).not.toBe('Established');
    expect(station.best()).toHaveLength(ROUTES);
  });
});

describe('time', () => {
  test('hold expiry exactly on KEEPALIVE', () => {
    start({ passive: true, gracefulRestart: false });
    const peer = station.established(PEER, { holdTime: 30 });
    peer.hush();
    peer.keepalive();
    for (let count = 0; count < 10; count++) {
      station.seconds(30);
      peer.keepalive();
    }
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    expect(peer.notifications).toEqual([]);
  });

  test.each([1, -1])('clock jump of %i h (monotonic only)', (hours) => {
    start({ passive: true });
    const peer = station.established(PEER, { holdTime: 30 });
    const before = peer.received.filter((name) => name === 'keepalive').length;
    station.ownClock.shift = hours * 3_600_000;
    station.seconds(300);
    expect(station.state(PEER)).toBe('Established');
    const sent = peer.received.filter((name) => name === 'keepalive').length - before;
    expect(sent).toBeGreaterThanOrEqual(30);
    expect(sent).toBeLessThanOrEqual(41);
  });

  /** SIGSTOP, SIGCONT: the kernel goes on to take what arrives. */
  function suspend(seconds: number): void {
    station.ownClock.suspend();
    station.peer(PEER).link?.connection.pause();
    station.seconds(seconds);
    station.ownClock.resume();
    station.seconds(1);
    station.peer(PEER).link?.connection.resume();
    station.seconds(2);
  }

  test('suspend 60 s (SIGSTOP) then resume: hold time of 90 s', () => {
    start({ passive: true });
    const peer = station.established(PEER);
    suspend(60);
    expect(station.state(PEER)).toBe('Established');
    expect(peer.notifications).toEqual([]);
  });

  test('suspend 60 s (SIGSTOP) then resume: hold time of 30 s, the peer was patient', () => {
    start({ passive: true });
    const peer = station.established(PEER, { holdTime: 30 });
    suspend(60);
    expect(station.state(PEER)).toBe('Established');
    expect(peer.notifications).toEqual([]);
  });

  test('suspend 60 s (SIGSTOP) then resume: the peer was not, and is heard', () => {
    start({ passive: true });
    const peer = station.established(PEER, { holdTime: 30 });
    station.clock.setTimer('hold', 30_000, () =>
      peer.connection.end(encodeNotification(4, 0, Buffer.alloc(0))),
    );
    suspend(60);
    expect(peer.notifications).toEqual([]);
    expectRecovery(peer);
  });

  test('a day of nothing', () => {
    start({ passive: true });
    station.established(PEER);
    station.seconds(DAY);
    expect(station.peer(PEER).flaps).toBe(0);
  });
});

describe('addresses', () => {
  test('address of the node changes: the session moves', () => {
    const peer = station.raw(PEER);
    peer.listen('answer');
    start({ localAddress: SPEAKER_ADDRESS });
    station.seconds(2);
    station.apply({ peers: [peerAt(PEER, { localAddress: SECOND_ADDRESS })] });
    station.seconds(2);
    expect(station.state(PEER)).toBe('Established');
    expect(peer.connection.remote.address).toBe(SECOND_ADDRESS);
  });

  test('IPv6 address tentative at start: listener and dial wait for it', () => {
    const late = 'fd00::77';
    const remote = 'fd00::2';
    station.raw(remote).listen('answer');
    const listen = [{ address: late, port: 179 }];
    station.start({ listen, peers: [peerAt(remote, { localAddress: late })] });
    station.seconds(5);
    expect(station.speaker.errors.map(({ code }) => code)).toEqual(['no-such-address']);
    expect(station.state(remote)).not.toBe('Established');
    station.addresses.push(late);
    station.seconds(30);
    expect(station.speaker.errors).toEqual([]);
    expect(station.state(remote)).toBe('Established');
  });
});

function notice(code: number, subcode: number): Buffer {
  return encodeNotification(code, subcode, Buffer.alloc(0));
}
