import { beforeEach, describe, expect, test } from 'vitest';
import { reportPeer } from '../../src/speaker/report-peer.ts';
import { End, every } from '../bfd/support.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

const PEER = '10.0.0.2';
const PREFIX = '10.8.0.0/16';
const RESTARTER = { restart: {}, restartTime: 60 };
const PACE = every(300, 300, 3);

let station: Station;
let peer: RawPeer;

const config = (bfd: object | boolean | undefined, over: object = {}) => ({
  peers: [peerAt(PEER, { passive: true, ...(bfd !== undefined && { bfd }), ...over })],
});

/** BFD at the peer's end, as a new process there. */
function bfdAtPeer(seed = 9): End {
  const end = new End(station.bfdNetwork, station.clock, seed, PEER, SPEAKER_ADDRESS, true);
  end.open(PACE);
  return end;
}

/** The process of the peer's BFD is gone without a word. */
const bfdDies = () => station.bfdNetwork.vacate([PEER]);

const bfd = () => {
  const of = station.peer(PEER);
  const surroundings = { heldReason: undefined, bfd: station.speaker.bfdOf(of) };
  return reportPeer(of, 'configured', surroundings).bfd;
};

const states = () => [station.state(PEER), bfd()?.state];

beforeEach(() => {
  station = new Station();
});

describe('a peer with BFD', () => {
  let end: End;

  beforeEach(() => {
    station.start(config(true));
    end = bfdAtPeer();
    peer = station.established(PEER, RESTARTER);
    peer.announce([PREFIX]);
    peer.endOfRib();
    station.seconds(5);
    expect(states()).toEqual(['Established', 'Up']);
  });

  test('that falls silent loses its session at once: Cease, BFD Down', () => {
    bfdDies();
    station.clock.advance(905);
    expect(states()).toEqual(['Idle', 'Down']);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 10 }]);
    expect(station.best()).toEqual([]);
    expect(bfd()).toMatchObject({
      failures: 1,
      reason: 'nothing was heard for the detection time',
    });
  });

  test('that says it hears nothing of us loses its session, too', () => {
    station.bfdNetwork.cut(SPEAKER_ADDRESS, PEER);
    station.clock.advance(905);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 10 }]);
    expect(station.peer(PEER).reason).toBe(
      'BFD: the way to the peer is cut: the peer says that its session is down: control detection time expired',
    );
  });

  test('comes back by BGP alone once the wait after an error is over', () => {
    bfdDies();
    station.seconds(10);
    peer = station.established(PEER, RESTARTER);
    expect(states()).toEqual(['Established', 'Down']);
  });

  test('keeps its session when it switches BFD off', () => {
    end.close();
    station.seconds(30);
    expect(states()).toEqual(['Established', 'Down']);
    expect(bfd()?.failures).toBe(0);
  });

  test('keeps its session when BFD leaves our configuration, and is told', () => {
    station.apply(config(undefined));
    station.seconds(10);
    expect(station.state(PEER)).toBe('Established');
    expect(end.moves.at(-1)).toBe('down: neighbor-admin-down');
    expect(bfd()).toBeUndefined();
  });

  test('keeps both sessions when the intervals change', () => {
    station.apply(config({ minTx: 100, minRx: 200, multiplier: 5 }));
    station.seconds(10);
    expect(states()).toEqual(['Established', 'Up']);
    expect(bfd()).toMatchObject({ transmitInterval: 300, detectionTime: 900, failures: 0 });
    expect(end.status.detectionTime).toBe(1500);
  });

  test('that is removed is told by AdminDown', () => {
    station.apply({ peers: [] });
    station.seconds(1);
    expect(end.moves.at(-1)).toBe('down: neighbor-admin-down');
  });

  test('is told by AdminDown when this process ends on request', async () => {
    await station.leave();
    station.seconds(1);
    expect(end.moves.at(-1)).toBe('down: neighbor-admin-down');
  });

  test('keeps its routes through a graceful restart, although BFD ends with its process', () => {
    peer.crash();
    bfdDies();
    station.seconds(20);
    expect(bfd()).toMatchObject({ state: 'Down', failures: 1 });
    expect(station.best()).toEqual([PREFIX]);
  });

  test.each([0, 100, 300, 600, 880])(
    'keeps its session when it is back %i ms after its crash, before BFD noticed',
    (away) => {
      peer.crash();
      bfdDies();
      station.clock.advance(away);
      const again = station.raw(PEER, { ...RESTARTER, restart: { restarting: true } });
      again.dial(SPEAKER_ADDRESS, 'answer');
      station.clock.advance(20);
      expect(states()).toEqual(['Established', 'Up']);
      again.announce([PREFIX]);
      again.endOfRib();
      bfdAtPeer(10);
      station.seconds(10);
      expect(again.notifications).toEqual([]);
      expect(states()).toEqual(['Established', 'Up']);
      expect(station.best()).toEqual([PREFIX]);

      bfdDies();
      station.clock.advance(905);
      expect(again.notifications).toMatchObject([{ code: 6, subcode: 10 }]);
    },
  );
});

test('a peer whose BFD never came up has its session all the same', () => {
  station.start(config(true));
  station.established(PEER);
  station.seconds(120);
  expect(states()).toEqual(['Established', 'Down']);
});

describe('our own restart', () => {
  test.each([0, 400, 5000])('is survived by the BFD of the peer after %i ms', (away) => {
    station.start(config(true));
    const end = bfdAtPeer();
    station.seconds(5);
    station.stop();
    station.clock.advance(away);
    station.start(config(true));
    station.seconds(5);
    expect(end.moves.at(-1)).toBe('up: both-heard');
    expect(bfd()?.state).toBe('Up');
  });
});

describe('a strict peer', () => {
  const STRICT = { strict: true };

  test('waits for BFD, and says so', () => {
    station.start(config(STRICT));
    const early = station.raw(PEER);
    early.dial(SPEAKER_ADDRESS, 'answer');
    station.seconds(1);
    expect(station.state(PEER)).toBe('Idle');
    expect(station.speaker.heldReason(station.peer(PEER).name)).toMatch(/BFD is strict/);
    bfdAtPeer();
    station.seconds(5);
    station.established(PEER);
    expect(station.speaker.heldReason(station.peer(PEER).name)).toBeUndefined();
  });

  test('waits again after a failure', () => {
    station.start(config(STRICT));
    bfdAtPeer();
    station.seconds(5);
    peer = station.established(PEER);
    bfdDies();
    station.clock.advance(905);
    expect(peer.notifications).toMatchObject([{ code: 6, subcode: 10 }]);
    station.seconds(60);
    expect(station.state(PEER)).toBe('Idle');
    bfdAtPeer(10);
    station.seconds(5);
    station.established(PEER);
  });

  test('that restarts gracefully is not made to wait', () => {
    station.start(config(STRICT));
    bfdAtPeer();
    station.seconds(5);
    peer = station.established(PEER, RESTARTER);
    peer.announce([PREFIX]);
    station.seconds(1);
    peer.crash();
    bfdDies();
    station.seconds(10);
    expect(station.best()).toEqual([PREFIX]);
    station.established(PEER, { ...RESTARTER, restart: { restarting: true } });
  });
});
