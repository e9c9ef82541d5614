import { describe, expect, test } from 'vitest';
import { formatPrefix } from '../../src/net/prefix.ts';
import { nlriEnd, readPrefix } from '../../src/wire/nlri.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';
import { context, type ErrorCase, hex, readCases } from '../wire/fixtures.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

/*
 * Every malformed message against a running speaker: what becomes of the session, of the routes that
 * the peer had announced before, and of those of another peer.
 */

interface Case extends ErrorCase {
  readonly context: ErrorCase['context'] & {
    readonly localAs: number;
    readonly peerAs: number;
    readonly localBgpId?: string;
    readonly clusterId?: string;
    readonly localAddress?: string;
  };
}

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const OTHER_ASN = 65099;

/** What becomes of the routes of a message on an established session. */
type Fate = 'used' | 'refused' | 'withdrawn' | 'reset' | 'end-of-rib';

/** Where sources differ, or the words of the fixtures need a reading: ours, as in the codec's test. */
const OWN_FATE: Readonly<Record<string, Fate>> = {
  'rfc/hdr/notification-20': 'reset',
  'rfc/upd/missing-localpref-ibgp': 'used',
  'rfc/upd/wellknown-unknown': 'withdrawn',
  'rfc/upd/aspath-as-set': 'refused',
  'rfc/upd/originator-self': 'refused',
  'rfc/upd/cluster-loop': 'refused',
  'rfc/upd/nh-own-address': 'refused',
  'rfc/ntf/cease-2-shutdown-msg': 'reset',
  'rfc/ntf/cease-2-len-overrun': 'reset',
  'rfc/ntf/hold-expired': 'reset',
  'frr7606/otc-value-0/ebgp': 'used',
  'frr7606/otc-value-0/ibgp': 'used',
};

/** The step of the import rules that refuses the route. */
const REFUSALS: Readonly<Record<string, string>> = {
  'rfc/upd/aspath-as-set': 'as-set',
  'rfc/upd/originator-self': 'own-originator-id',
  'rfc/upd/cluster-loop': 'own-cluster-id',
  'rfc/upd/nh-own-address': 'own-next-hop',
};

function fateOf({ id, expect: { reaction } }: Case): Fate {
  const own = OWN_FATE[id];
  if (own !== undefined) return own;
  if (reaction === 'treat-as-withdraw') return 'withdrawn';
  if (reaction === 'session-reset') return 'reset';
  if (reaction === 'end-of-rib') return 'end-of-rib';
  if (reaction === 'attribute-discard' || reaction.startsWith('accept')) return 'used';
  throw new Error(`${id}: ${reaction}`);
}

const phaseOf = ({ phase = 'Established' }: Case): string => phase;

/** Prefixes that a message announces, as far as it can be read. */
function prefixesOf(bytes: Buffer, kind: 'ibgp' | 'ebgp'): readonly string[] {
  const scan = new UpdateScan();
  if (bytes[18] !== 2 || bytes.length > 4096) return [];
  if (scanUpdate(bytes, 0, bytes.length, context({ kind }), scan)) return [];
  const all: string[] = [];
  const collect = (from: number, to: number, afi: number): void => {
    const family = afi === 2 ? 'ipv6-unicast' : 'ipv4-unicast';
    for (let at = from; at < to; at = nlriEnd(bytes, at)) {
      all.push(formatPrefix(readPrefix(bytes, at, family)));
    }
  };
  collect(scan.nlriStart, scan.nlriEnd, 1);
  collect(scan.reachNlriStart, scan.reachNlriEnd, scan.reachAfi);
  return all;
}

function startFor({ context: { localAs, peerAs, ...ids } }: Case): Station {
  const station = new Station();
  const own = ids.localAddress ?? '192.0.2.254';
  station.hostAddresses = [{ interface: 'lo', address: own }];
  const open = {
    passive: true,
    importPolicy: 'accept',
    exportPolicy: 'accept',
    extendedMessages: false,
  };
  station.start({
    asn: localAs,
    routerId: ids.localBgpId ?? '10.255.0.1',
    ...(ids.clusterId !== undefined && { clusterId: ids.clusterId }),
    peers: [peerAt(PEER, { asn: peerAs, ...open }), peerAt(OTHER, { asn: OTHER_ASN, ...open })],
  });
  return station;
}

const rawFor = (station: Station, { context: { localAs, peerAs } }: Case): RawPeer =>
  station.raw(PEER, { asn: peerAs, speakerAsn: localAs });

/** Routes announced by both peers before the message comes. */
function announceAll(peers: readonly RawPeer[], prefixes: readonly string[]): void {
  for (const family of [4, 6]) {
    const some = prefixes.filter((prefix) => prefix.includes(':') === (family === 6));
    if (some.length === 0) continue;
    const nextHop = family === 6 ? { nextHop: Buffer.from(`fd00${'00'.repeat(13)}09`, 'hex') } : {};
    for (const peer of peers) peer.announce(some, nextHop);
  }
}

function expectNotification(peer: RawPeer, { expect: { notification } }: Case): void {
  if (notification === undefined) return;
  const word = peer.lastWord;
  if ('code' in notification) {
    const { code, subcode, dataHex } = notification;
    if (dataHex === undefined) expect(word).toMatch(new RegExp(`^${code}/${subcode} `));
    else expect(word).toBe(`${code}/${subcode} ${dataHex}`);
  } else expect(word).toMatch(new RegExp(`^${notification[0]}/${notification[1]} `));
}

const cases = ['rfc7606', 'rfc-authored'].flatMap((file) => readCases<Case>(`errors/${file}.json`));
const established = cases.filter((one) => phaseOf(one) === 'Established');
const opening = cases.filter((one) => phaseOf(one) !== 'Established');

describe('on an established session', () => {
  test.each(established.map((one) => [one.id, fateOf(one), one] as const))(
    '%s: %s',
    (id, fate, one) => {
      const station = startFor(one);
      const peer = rawFor(station, one);
      const other = station.raw(OTHER, { asn: OTHER_ASN, speakerAsn: one.context.localAs });
      for (const each of [peer, other]) each.dial(SPEAKER_ADDRESS, 'answer');
      station.seconds(1);
      const message = hex(one.hex);
      const named = prefixesOf(message, one.context.peerType);
      const prefixes = named.length > 0 ? named : ['198.18.0.0/15'];
      announceAll([peer, other], prefixes);
      station.seconds(1);
      const of = (address: string): readonly string[] =>
        station.paths().filter((path) => path.includes(` p${address} `));
      expect(of(PEER)).toHaveLength(prefixes.length);

      peer.send(message);
      station.seconds(1);

      expect(of(OTHER)).toHaveLength(prefixes.length);
      expect(station.state(OTHER)).toBe('Established');
      expect(station.state(PEER) === 'Established').toBe(fate !== 'reset');
      if (fate === 'reset') {
        expect(of(PEER)).toEqual([]);
        expectNotification(peer, one);
        if (message[18] === 3) expect(peer.lastWord).toBeUndefined();
        return;
      }
      expect(peer.lastWord).toBeUndefined();
      if (fate === 'withdrawn') expect(of(PEER)).toEqual([]);
      else if (fate === 'end-of-rib') {
        const counts = ['ipv4-unicast', 'ipv6-unicast'] as const;
        const seen = counts.filter(
          (family) => station.peer(PEER).routes.rib.counts(family).endOfRibReceived,
        );
        expect(seen).toEqual([id.endsWith('6') ? 'ipv6-unicast' : 'ipv4-unicast']);
      } else {
        expect(of(PEER)).toHaveLength(prefixes.length);
        const refused = of(PEER).every((path) => path.includes(' rejected '));
        const unused = of(PEER).every((path) => path.includes(' unresolved '));
        expect(refused || unused).toBe(fate === 'refused');
        const reason = REFUSALS[id];
        if (reason !== undefined) expect(of(PEER)[0]).toMatch(new RegExp(` ${reason}$`));
      }
    },
  );
});

describe('before the session is established', () => {
  test.each(opening.map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const station = startFor(one);
    const peer = rawFor(station, one);
    peer.dial(SPEAKER_ADDRESS);
    station.seconds(1);
    if (one.phase === 'OpenConfirm') peer.send(peer.open());
    station.seconds(1);
    peer.send(hex(one.hex));
    station.seconds(1);
    if (one.expect.reaction === 'accept') {
      expect(peer.lastWord).toBeUndefined();
      expect(station.state(PEER)).toBe('OpenConfirm');
    } else {
      expect(peer.connected).toBe(false);
      if (one.ambiguous !== true) expectNotification(peer, one);
      expect(peer.notifications).toHaveLength(1);
    }
  });
});

test.each(readCases<Case>('errors/bad-length.json'))(
  '$id is answered with 1/1',
  ({ hex: text }) => {
    const station = new Station();
    station.start({ peers: [peerAt(PEER, { passive: true })] });
    const peer = station.established(PEER);
    peer.send(hex(text));
    station.seconds(1);
    expect(peer.lastWord).toBe('1/1 ');
  },
);
