import { describe, expect, test } from 'vitest';
import { buildOpen } from '../../src/session/build-open.ts';
import { negotiate } from '../../src/session/negotiate.ts';
import type { Negotiated } from '../../src/session/negotiated.ts';
import type { SessionSettings } from '../../src/session/settings.ts';
import type { BgpRole } from '../../src/wire/capabilities/role.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import { NOT_RESTARTING, type OpenMessage, peerOpen, settings } from './support.ts';

const SIX = 'ipv6-unicast';
const FOUR = 'ipv4-unicast';

function outcome(mine: Partial<SessionSettings>, theirs: OpenMessage) {
  const ours = settings(mine);
  return negotiate(ours, buildOpen(ours, NOT_RESTARTING), theirs);
}

function agreed(mine: Partial<SessionSettings>, theirs: OpenMessage): Negotiated {
  const result = outcome(mine, theirs);
  if (result.type !== 'agreed') throw new Error(result.detail);
  return result.negotiated;
}

const ibgp = { remoteAsn: 65000 } as const;

describe('an OPEN is refused', () => {
  const cases: readonly [
    string,
    Partial<SessionSettings>,
    Partial<OpenMessage>,
    number,
    number[],
  ][] = [
    ['for its version', {}, { version: 3 }, 1, [0, 4]],
    ['for another AS number', { remoteAsn: 65002 }, {}, 2, []],
    ['for router id 0', {}, { bgpId: 0 }, 3, []],
    ['for our own router id on iBGP', ibgp, { bgpId: 0x0a000001 }, 3, []],
    ['for a hold time of 1', {}, { holdTime: 1 }, 6, []],
    ['for a hold time of 2', {}, { holdTime: 2 }, 6, []],
    ['for a hold time below our least', { minHoldTime: 30 }, { holdTime: 29 }, 6, []],
  ];
  test.each(cases)('%s', (_why, mine, theirs, subcode, data) => {
    const from = peerOpen(mine.remoteAsn === 65000 ? { localAsn: 65000 } : {});
    const result = outcome(mine, { ...from, ...theirs });
    if (result.type !== 'rejected') throw new Error('accepted');
    expect([result.code, result.subcode, [...result.data]]).toEqual([2, subcode, data]);
  });

  test('unless our own router id comes from another AS', () => {
    expect(agreed({}, peerOpen({ routerId: 0x0a000001 })).kind).toBe('ebgp');
  });
});

describe('roles (RFC 9234 §4.2)', () => {
  const pairs: readonly [BgpRole | undefined, BgpRole | undefined, 'agreed' | 'rejected'][] = [
    ['provider', 'customer', 'agreed'],
    ['customer', 'provider', 'agreed'],
    ['rs', 'rs-client', 'agreed'],
    ['rs-client', 'rs', 'agreed'],
    ['peer', 'peer', 'agreed'],
    ['provider', 'provider', 'rejected'],
    ['peer', 'customer', 'rejected'],
    ['rs', 'customer', 'rejected'],
    ['customer', undefined, 'agreed'],
    [undefined, 'peer', 'agreed'],
  ];
  test.each(pairs)('%s and %s: %s', (role, theirs, expected) => {
    const result = outcome({ role }, peerOpen({ role: theirs }));
    expect(result.type).toBe(expected);
    if (result.type === 'rejected') expect([result.code, result.subcode]).toEqual([2, 11]);
    else expect(result.negotiated).toMatchObject({ role, remoteRole: theirs });
  });

  test('a peer that must tell one and does not is refused', () => {
    expect(outcome({ role: 'peer', roleRequired: true }, peerOpen())).toMatchObject({
      type: 'rejected',
      subcode: 11,
    });
  });

  test('two different ones are refused, the same one twice is not', () => {
    const open = peerOpen({ role: 'peer' });
    const plus = (role: number) => ({
      ...open,
      capabilities: [...open.capabilities, { type: 'role' as const, role }],
    });
    expect(outcome({ role: 'peer' }, plus(4)).type).toBe('agreed');
    expect(outcome({ role: 'peer' }, plus(0))).toMatchObject({ type: 'rejected', subcode: 11 });
  });

  test('one that nobody knows is refused', () => {
    const open = peerOpen();
    const unknown = {
      ...open,
      capabilities: [...open.capabilities, { type: 'role' as const, role: 9 }],
    };
    expect(outcome({ role: 'peer' }, unknown)).toMatchObject({ type: 'rejected', subcode: 11 });
  });
});

describe('AS numbers', () => {
  test('of four octets count, whatever the 2-octet field says', () => {
    const big = { remoteAsn: 4_200_000_001 };
    const theirs = peerOpen({}, NOT_RESTARTING, settings(big));
    expect(theirs.asn).toBe(23456);
    expect(agreed(big, theirs)).toMatchObject({ remoteAsn: 4_200_000_001, send: { as4: true } });
  });

  test('are of two octets with a peer that does not know more', () => {
    const old = { ...peerOpen(), capabilities: [] };
    expect(agreed({}, old)).toMatchObject({ receive: { as4: false }, send: { as4: false } });
  });
});

describe('times', () => {
  const cases: readonly [string, Partial<SessionSettings>, number, [number, number, number]][] = [
    ['the lower hold time counts', {}, 30, [30, 10, 480]],
    ['ours counts if it is lower', { holdTime: 9 }, 90, [9, 3, 480]],
    ['0 of the peer turns all off', {}, 0, [0, 0, 0]],
    ['0 of ours turns all off', { holdTime: 0 }, 90, [0, 0, 0]],
    ['keepalives never come more often than each second', { holdTime: 3 }, 3, [3, 1, 480]],
    ['a keepalive time is scaled with the hold time', { keepaliveTime: 15 }, 30, [30, 5, 480]],
    ['and never rounded to 0', { keepaliveTime: 1 }, 3, [3, 1, 480]],
    ['the send hold time is twice the hold time', { holdTime: 300 }, 300, [300, 100, 600]],
    ['the send hold time may be set', { sendHoldTime: 100 }, 90, [90, 30, 100]],
    ['but must exceed the hold time', { sendHoldTime: 90 }, 90, [90, 30, 480]],
    ['0 turns the send hold timer off', { sendHoldTime: 0 }, 90, [90, 30, 0]],
  ];
  test.each(cases)('%s', (_rule, mine, holdTime, expected) => {
    const negotiated = agreed(mine, { ...peerOpen(), holdTime });
    const { keepaliveTime, sendHoldTime } = negotiated;
    expect([negotiated.holdTime, keepaliveTime, sendHoldTime]).toEqual(expected);
  });
});

describe('families', () => {
  test('are those of both', () => {
    expect(agreed({}, peerOpen({ families: [SIX] })).families).toEqual([SIX]);
  });

  test('of a peer without multiprotocol capability are IPv4 unicast', () => {
    expect(agreed({}, { ...peerOpen(), capabilities: [] }).families).toEqual([FOUR]);
  });

  test('that come twice count once', () => {
    const open = peerOpen();
    const twice = { ...open, capabilities: [...open.capabilities, ...open.capabilities] };
    expect(agreed({}, twice).families).toEqual([FOUR, SIX]);
  });
});

describe('capabilities', () => {
  test('add-path is agreed for each direction by itself', () => {
    const theirs = peerOpen({ addPath: { send: true, receive: false }, families: [SIX] });
    const negotiated = agreed({ addPath: { send: true, receive: true } }, theirs);
    expect(negotiated.receive.addPath).toEqual([SIX]);
    expect(negotiated.send.addPath).toEqual([]);
  });

  test('extended messages are allowed to whoever offered to take them', () => {
    const one = agreed({ extendedMessages: true }, peerOpen());
    expect([one.receive.maxMessage, one.send.maxMessage]).toEqual([65535, 4096]);
    const other = agreed({}, peerOpen({ extendedMessages: true }));
    expect([other.receive.maxMessage, other.send.maxMessage]).toEqual([4096, 65535]);
  });

  test('extended next hops and enhanced refresh need both sides', () => {
    const on = { extendedNextHop: true, enhancedRefresh: true };
    const both = agreed(on, peerOpen(on));
    expect([both.send.extendedNextHop, both.enhancedRefresh]).toEqual([true, true]);
    const one = agreed({ enhancedRefresh: false }, peerOpen(on));
    expect([one.receive.extendedNextHop, one.enhancedRefresh]).toEqual([false, false]);
  });

  test('graceful restart is reduced to negotiated families, with R and F bits', () => {
    const theirs = peerOpen({}, { restarting: true, forwarding: [FOUR, SIX] });
    expect(agreed({ families: [SIX] }, theirs).gracefulRestart).toEqual({
      restartTime: 120,
      restarting: true,
      notification: false,
      families: [SIX],
      forwarding: [SIX],
    });
    expect(agreed({ gracefulRestart: undefined }, theirs).gracefulRestart).toBeUndefined();
  });

  test('role, host name and software of the peer are noted', () => {
    const open = peerOpen({ hostName: 'node-2' });
    const more = [
      { type: 'role', role: 3 },
      { type: 'software-version', version: 'x/1' },
      { type: 'long-lived-graceful-restart', families: [] },
    ] as const;
    expect(agreed({}, { ...open, capabilities: [...open.capabilities, ...more] })).toMatchObject({
      remoteRole: 'customer',
      remoteHostName: 'node-2',
      remoteSoftware: 'x/1',
      longLivedGracefulRestart: [],
    });
  });
});

describe('our OPEN', () => {
  const codes = (change: Partial<SessionSettings>): string[] =>
    buildOpen(settings(change), NOT_RESTARTING).capabilities.map(({ type }) => type);

  test('carries the capabilities in the order of their codes', () => {
    const all = { addPath: { send: true, receive: true } } as const;
    expect(codes({ ...all, extendedMessages: true, extendedNextHop: true, hostName: 'a' })).toEqual(
      [
        'multiprotocol',
        'multiprotocol',
        'route-refresh',
        'extended-next-hop',
        'extended-message',
        'graceful-restart',
        'as4',
        'add-path',
        'enhanced-route-refresh',
        'long-lived-graceful-restart',
        'fqdn',
      ],
    );
  });

  test('carries no more than is turned on', () => {
    expect(codes({ families: [FOUR], gracefulRestart: undefined, enhancedRefresh: false })).toEqual(
      ['multiprotocol', 'route-refresh', 'as4'],
    );
  });

  test('of a node with add-path is the one of Calico’s BIRD, in one parameter', () => {
    const addPath = { send: true, receive: true };
    const calico = settings({ families: [FOUR], holdTime: 240, addPath });
    const open = buildOpen(calico, { restarting: true, forwarding: [FOUR] });
    const capabilities =
      '010400010001' +
      '0200' +
      '4006807800010180' +
      '41040000fde8' +
      '450400010103' +
      '4600' +
      '4700';
    expect(encodeOpen(open).toString('hex').slice(38)).toBe(
      `04fde800f00a000001220220${capabilities}`,
    );
  });
});
