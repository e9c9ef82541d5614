import { beforeEach, describe, expect, test } from 'vitest';
import { encodeKeepalive } from '../../src/wire/keepalive.ts';
import { encodeNotification } from '../../src/wire/notification.ts';
import { OWN_ASN, peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

const PEER = '10.0.0.2';
const EXTERNAL = 65001;

let station: Station;

beforeEach(() => {
  station = new Station();
});

const start = (over: object = {}): void => station.start({ peers: [peerAt(PEER, over)] });

describe('opening', () => {
  test('the speaker dials, and sends its capabilities in the order of their codes', () => {
    const peer = station.raw(PEER);
    peer.listen();
    start({ addPath: { send: true, receive: true }, holdTime: 240 });
    station.seconds(1);
    expect(peer.received).toEqual(['open']);
    const [open] = peer.opens;
    expect(open).toMatchObject({ version: 4, asn: OWN_ASN, holdTime: 240, bgpId: 0x0a000001 });
    expect(open?.capabilities).toEqual([
      { type: 'multiprotocol', afi: 1, safi: 1 },
      { type: 'multiprotocol', afi: 2, safi: 1 },
      { type: 'route-refresh' },
      { type: 'extended-message' },
      {
        type: 'graceful-restart',
        restarting: true,
        notification: true,
        restartTime: 120,
        families: [
          { afi: 1, safi: 1, forwarding: true },
          { afi: 2, safi: 1, forwarding: true },
        ],
      },
      { type: 'as4', asn: OWN_ASN },
      {
        type: 'add-path',
        families: [
          { afi: 1, safi: 1, mode: 3 },
          { afi: 2, safi: 1, mode: 3 },
        ],
      },
      { type: 'enhanced-route-refresh' },
      { type: 'long-lived-graceful-restart', families: [] },
    ]);
  });

  test('an AS number of four octets is AS_TRANS in the old field', () => {
    const peer = station.raw(PEER, { asn: 65001, speakerAsn: 4_200_000_001 });
    peer.listen();
    station.start({ asn: 4_200_000_001, peers: [peerAt(PEER, { asn: 65001 })] });
    station.seconds(1);
    expect(peer.opens[0]?.asn).toBe(23456);
    expect(peer.opens[0]?.capabilities).toContainEqual({ type: 'as4', asn: 4_200_000_001 });
  });

  test('OPEN and KEEPALIVE both ways make the session', () => {
    const peer = station.raw(PEER);
    peer.listen();
    start();
    station.seconds(1);
    expect(station.state(PEER)).toBe('OpenSent');
    peer.send(peer.open());
    station.seconds(1);
    expect(station.state(PEER)).toBe('OpenConfirm');
    peer.keepalive();
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    expect(station.peer(PEER).negotiated).toMatchObject({ kind: 'ibgp', holdTime: 90 });
  });

  test('a passive peer is never dialled and is accepted', () => {
    const peer = station.raw(PEER);
    peer.listen();
    start({ passive: true });
    station.seconds(600);
    expect(peer.connections).toBe(0);
    expect(station.state(PEER)).toBe('Active');
    peer.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
  });

  test('a peer that does not listen is dialled again after the connect-retry time', () => {
    start({ connectRetryTime: 5 });
    station.seconds(60);
    const peer = station.raw(PEER);
    peer.listen('answer');
    station.seconds(6);
    expect(station.state(PEER)).toBe('Established');
  });

  test('a peer that connects and says nothing is let go after four minutes', () => {
    const peer = station.raw(PEER);
    start({ passive: true });
    peer.dial(SPEAKER_ADDRESS);
    station.seconds(239);
    expect(peer.connected).toBe(true);
    station.seconds(2);
    expect(peer.lastWord).toBe('4/0 ');
  });

  test('a wrong AS number is told, and the peer is tried again later', () => {
    const peer = station.raw(PEER, { asn: 65009 });
    peer.listen('answer');
    start();
    station.seconds(1);
    expect(peer.lastWord).toBe('2/2 ');
    station.seconds(60);
    expect(peer.connections).toBeGreaterThan(2);
    expect(peer.connections).toBeLessThan(10);
  });

  test('a router id that is ours is refused inside the AS and taken outside', () => {
    const twin = station.raw(PEER, { routerId: 0x0a000001 });
    const external = station.raw('10.0.0.3', { asn: EXTERNAL, routerId: 0x0a000001 });
    twin.listen('answer');
    external.listen('answer');
    station.start({ peers: [peerAt(PEER), peerAt('10.0.0.3', { asn: EXTERNAL })] });
    station.seconds(2);
    expect(twin.lastWord).toBe('2/3 ');
    expect(station.state('10.0.0.3')).toBe('Established');
  });
});

describe('an established session', () => {
  test('ends when a second OPEN comes', () => {
    start({ passive: true });
    const peer = station.established(PEER);
    peer.send(peer.open());
    station.seconds(1);
    expect(peer.lastWord).toBe('5/3 01');
    expect(peer.closed).toBe('closed-by-peer');
  });

  test('is kept by keepalives alone, and sends its own', () => {
    start({ passive: true, holdTime: 9 });
    const peer = station.established(PEER, { holdTime: 9 });
    station.seconds(300);
    expect(station.state(PEER)).toBe('Established');
    expect(peer.received.filter((name) => name === 'keepalive').length).toBeGreaterThan(99);
  });

  test('ends with 4/0 when nothing was heard for the hold time', () => {
    start({ passive: true });
    const peer = station.established(PEER, { holdTime: 30 });
    peer.hush();
    station.seconds(28);
    expect(station.state(PEER)).toBe('Established');
    station.seconds(12);
    expect(peer.lastWord).toBe('4/0 ');
    expect(station.peer(PEER).flaps).toBe(1);
  });

  test('outlives the hold time when UPDATEs come in place of keepalives', () => {
    start({ passive: true });
    const peer = station.established(PEER, { holdTime: 30 });
    peer.hush();
    for (let count = 0; count < 20; count++) {
      peer.announce([`10.9.${count}.0/24`]);
      station.seconds(20);
    }
    expect(station.state(PEER)).toBe('Established');
  });

  test('is not judged before what arrived last was read', () => {
    start({ passive: true });
    const peer = station.established(PEER, { holdTime: 30 });
    peer.hush();
    station.clock.setTimer('late', 28_000, () => station.peer(PEER).link?.connection.pause());
    station.clock.setTimer('late', 28_500, () => peer.keepalive());
    station.seconds(35);
    expect(station.state(PEER)).toBe('Established');
  });

  test('has no timers when both want none', () => {
    start({ passive: true, holdTime: 0 });
    const peer = station.established(PEER, { holdTime: 0 });
    const before = peer.received.length;
    station.seconds(3600);
    expect(station.state(PEER)).toBe('Established');
    expect(peer.received.length).toBe(before);
  });

  test('ends without a word when the peer takes no output for the send-hold time', () => {
    station.start({
      peers: [
        peerAt(PEER, { passive: true }),
        peerAt('10.0.0.3', { passive: true, asn: EXTERNAL, importPolicy: 'accept' }),
      ],
    });
    const stuck = station.established(PEER);
    const source = station.established('10.0.0.3', { asn: EXTERNAL });
    stuck.connection.pause();
    for (let net = 0; net < 200; net++) {
      source.announce(
        Array.from({ length: 200 }, (_, host) => `10.${64 + (net >> 6)}.${net & 63}.${host}/32`),
        { communities: [net] },
      );
      station.clock.advance(10);
    }
    station.seconds(470);
    expect(station.peer(PEER).link?.connection.queued).toBeGreaterThan(0);
    expect(station.state(PEER)).toBe('Established');
    station.seconds(60);
    expect(station.state(PEER)).not.toBe('Established');
    expect(station.peer(PEER).state.lastError?.reason).toBe('send-hold-expired');
    expect(station.state('10.0.0.3')).toBe('Established');
  });

  test('ends on a NOTIFICATION, which is not answered', () => {
    start({ passive: true });
    const peer = station.established(PEER);
    peer.announce(['10.9.0.0/16']);
    station.seconds(1);
    peer.send(encodeNotification(6, 2, Buffer.from('\x05hello')));
    station.seconds(1);
    expect(peer.notifications).toEqual([]);
    expect(station.best()).toEqual([]);
    expect(station.peer(PEER).state.lastNotification?.text).toContain('hello');
  });
});

describe('two connections at once', () => {
  const PASSIVE_LATER = { connectRetryTime: 1 };

  /** Both sides dial; `id` decides who must win. */
  function collide(id: number): { peer: ReturnType<Station['raw']>; accepted: string[] } {
    const accepted: string[] = [];
    const peer = station.raw(PEER, { routerId: id });
    const notes = (name: string) => (bytes: Buffer, from: number, to: number) => {
      const type = bytes[from + 18];
      accepted.push(
        `${name} ${type === 3 ? `notification ${bytes[from + 19]}/${bytes[from + 20]}` : type}`,
      );
      return to;
    };
    const transport = station.network.hostOf(PEER);
    if (transport === undefined) throw new Error('no host');
    const speak = (
      name: string,
      connection: Parameters<Parameters<typeof transport.listen>[1]['accepted']>[0],
    ): void => {
      connection.start({
        message: notes(name),
        malformed: () => {},
        readEnd: () => {},
        drained: () => {},
        closed: (reason) => accepted.push(`${name} ${reason}`),
      });
      connection.write(peer.open());
      station.clock.setTimer('late', 20, () => connection.write(encodeKeepalive()));
    };
    transport.listen(
      { address: PEER, port: 179 },
      {
        listening: () => {},
        failed: () => {},
        accepted: (connection) => speak('theirs', connection),
      },
    );
    start(PASSIVE_LATER);
    transport.dial(
      {
        remote: { address: SPEAKER_ADDRESS, port: 179 },
        interface: undefined,
        localAddress: PEER,
        ttl: undefined,
      },
      { connected: (connection) => speak('ours', connection), failed: () => {} },
    );
    station.seconds(3);
    return { peer, accepted };
  }

  test('keep the one that the higher identifier opened: the peer', () => {
    const { accepted } = collide(0x0a0000ff);
    expect(station.state(PEER)).toBe('Established');
    expect(station.peer(PEER).link?.slot).toBe('incoming');
    expect(accepted).toContain('theirs notification 6/7');
    expect(accepted).not.toContain('ours notification 6/7');
  });

  test('keep the one that the higher identifier opened: the speaker', () => {
    const { accepted } = collide(0x0a000000);
    expect(station.state(PEER)).toBe('Established');
    expect(station.peer(PEER).link?.slot).toBe('outgoing');
    expect(accepted).toContain('ours notification 6/7');
    expect(accepted).not.toContain('theirs notification 6/7');
  });
});
