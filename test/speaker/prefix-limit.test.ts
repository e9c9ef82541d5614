import { beforeEach, describe, expect, test } from 'vitest';
import type { RawPeer } from './raw-peer.ts';
import { OWN_ASN, peerAt, Station } from './station.ts';

const PEER = '10.0.0.2';

let station: Station;

beforeEach(() => {
  station = new Station();
});

const prefixes = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `10.${index + 10}.0.0/16`);

describe('a prefix limit of three', () => {
  const limited = (action: string): Station => {
    station.start({ peers: [peerAt(PEER, { passive: true, prefixLimit: { max: 3, action } })] });
    return station;
  };

  test('that warns lets everything in', () => {
    const peer = limited('warn').established(PEER);
    peer.announce(prefixes(5));
    station.seconds(1);
    expect(station.best()).toHaveLength(5);
    expect(peer.notifications).toEqual([]);
  });

  test('that blocks keeps the first three', () => {
    const peer = limited('block').established(PEER);
    peer.announce(prefixes(5));
    station.seconds(1);
    expect(station.best()).toEqual(prefixes(3));
    expect(peer.notifications).toEqual([]);
  });

  describe('that blocks, having refused some,', () => {
    const asked = (peer: RawPeer): readonly string[] =>
      peer.log.filter((line) => line.startsWith('refresh'));
    let peer: RawPeer;

    beforeEach(() => {
      peer = limited('block').established(PEER);
      peer.announce(prefixes(5));
      station.seconds(1);
    });

    test('asks for them once there is room again', () => {
      expect(asked(peer)).toEqual([]);
      peer.withdraw(prefixes(1));
      station.seconds(1);
      expect(asked(peer)).toEqual(['refresh ipv4-unicast 0']);
      peer.announce(prefixes(5).slice(1));
      station.seconds(1);
      expect(station.best()).toEqual(prefixes(4).slice(1));
      expect(asked(peer)).toHaveLength(1);
    });

    test.each([{ prefixLimit: { max: 10, action: 'block' } }, {}])(
      'asks for them when the limit becomes %j',
      (over) => {
        station.apply({ peers: [peerAt(PEER, { passive: true, ...over })] });
        station.seconds(1);
        expect(asked(peer)).toEqual(['refresh ipv4-unicast 0']);
        expect(station.peer(PEER).flaps).toBe(0);
      },
    );

    test('asks for nothing when the limit becomes lower', () => {
      const prefixLimit = { max: 2, action: 'block' };
      station.apply({ peers: [peerAt(PEER, { passive: true, prefixLimit })] });
      station.seconds(1);
      expect(asked(peer)).toEqual([]);
    });
  });

  test('that was never met asks for nothing', () => {
    const peer = limited('block').established(PEER);
    peer.announce(prefixes(2));
    peer.withdraw(prefixes(2));
    station.seconds(1);
    expect(peer.log.filter((line) => line.startsWith('refresh'))).toEqual([]);
  });

  test.each([
    ['ipv4', prefixes(4), '0001 01 00000003'],
    ['ipv6', ['fd01::/64', 'fd02::/64', 'fd03::/64', 'fd04::/64'], '0002 01 00000003'],
  ])('that restarts names the family in its Cease: %s', (_family, many, data) => {
    const peer = limited('restart').established(PEER);
    peer.announce(prefixes(1));
    peer.announce(many, many[0]?.includes(':') === true ? { nextHop: nextHop6 } : {});
    station.seconds(1);
    const word = Buffer.from(data.replaceAll(' ', ''), 'hex');
    expect(peer.notifications).toEqual([{ code: 6, subcode: 1, data: new Uint8Array(word) }]);
    expect(station.paths()).toEqual([]);
  });
});

describe('a session that a prefix limit ended', () => {
  const prefixLimit = { max: 3, action: 'restart', restartAfter: 900 };

  function ended(): RawPeer {
    station.start({ peers: [peerAt(PEER, { passive: true, prefixLimit })] });
    const peer = station.established(PEER);
    peer.announce(prefixes(4));
    station.seconds(1);
    expect(peer.lastWord).toBe('6/1 00010100000003');
    return peer;
  }

  const answered = (peer: RawPeer): boolean => {
    peer.dial('10.0.0.1', 'answer');
    station.seconds(1);
    return station.state(PEER) === 'Established';
  };

  test('may come back after as many seconds as the limit says', () => {
    const peer = ended();
    for (let minute = 0; minute < 14; minute++) {
      expect(answered(peer)).toBe(false);
      station.seconds(59);
    }
    station.seconds(59);
    expect(station.state(PEER)).toBe('Idle');
    station.seconds(2);
    expect(answered(peer)).toBe(true);
  });

  test('waits as after any error where the limit says nothing', () => {
    const plain = { max: 3, action: 'restart' };
    station.start({ peers: [peerAt(PEER, { passive: true, prefixLimit: plain })] });
    const peer = station.established(PEER);
    peer.announce(prefixes(4));
    station.seconds(3);
    expect(answered(peer)).toBe(false);
    station.seconds(2);
    expect(answered(peer)).toBe(true);
  });

  test('comes back at once when an operator, or a higher limit, lets it', () => {
    const peer = ended();
    station.peer(PEER).clear();
    expect(answered(peer)).toBe(true);
    peer.announce(prefixes(4));
    station.seconds(1);
    expect(answered(peer)).toBe(false);
    const higher = { ...prefixLimit, max: 10 };
    station.apply({ peers: [peerAt(PEER, { passive: true, prefixLimit: higher })] });
    expect(answered(peer)).toBe(true);
  });

  test('is known by its address range until it may come back', () => {
    const range = { range: '10.0.0.0/24', asn: OWN_ASN, prefixLimit };
    station.start({ dynamicPeers: [range] });
    const peer = station.established(PEER);
    peer.announce(prefixes(4));
    station.seconds(1);
    expect(answered(peer)).toBe(false);
    station.seconds(890);
    expect(answered(peer)).toBe(false);
    station.seconds(20);
    expect(station.speaker.peers).toEqual([]);
    expect(answered(peer)).toBe(true);
  });
});

describe('a prefix limit lowered below what is held', () => {
  const lowered = (action: string): RawPeer => {
    const before = { max: 10, action };
    station.start({ peers: [peerAt(PEER, { passive: true, prefixLimit: before })] });
    const peer = station.established(PEER);
    for (const prefix of prefixes(5)) peer.announce([prefix]);
    station.seconds(1);
    station.apply({ peers: [peerAt(PEER, { passive: true, prefixLimit: { ...before, max: 2 } })] });
    station.seconds(1);
    return peer;
  };

  test('ends the session at once', () => {
    const peer = lowered('restart');
    expect(peer.lastWord).toBe('6/1 00010100000002');
    expect(station.state(PEER)).toBe('Idle');
    expect(station.paths()).toEqual([]);
  });

  test('takes away what came last, and asks for it when it is raised again', () => {
    const peer = lowered('block');
    expect(station.best()).toEqual(prefixes(2));
    expect(peer.notifications).toEqual([]);
    station.apply({ peers: [peerAt(PEER, { passive: true })] });
    station.seconds(1);
    expect(peer.log).toContain('refresh ipv4-unicast 0');
    expect(station.peer(PEER).flaps).toBe(0);
  });

  test('keeps everything where it only warns', () => {
    const peer = lowered('warn');
    expect(station.best()).toEqual(prefixes(5));
    expect(peer.notifications).toEqual([]);
  });
});

const nextHop6 = Uint8Array.from([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
