import { hex } from '../wire/fixtures.ts';
import type { RawPeer } from './raw-peer.ts';
import { OWN_ASN, peerAt, Station } from './station.ts';

/*
 * Routes in bytes: what becomes of the session, of a prefix that the peer had announced before and
 * of one that it had not, when it announces both once more with something wrong.
 */

export const PEER = '10.0.0.2';
export const WATCHER = '10.0.0.3';
export const EXTERNAL = 65001;

/** 10.9.0.0/16, announced before, and 10.8.0.0/16, not. */
export const NLRI = '100a09 100a08';
export const NLRI_IPV6 = '20 20010db9 20 20010db8';

export const ORIGIN = '40010100';
export const LOCAL_PREF = '40050400000064';
export const NEXT_HOP = '4003040a000002';
/** Of the external peer, and of the internal one. */
export const AS_PATH = { ebgp: '4002060201 0000fde9', ibgp: '400200' } as const;

export type Kind = keyof typeof AS_PATH;

/** What any plain route of the peer carries. */
export const plain = (kind: Kind): string =>
  [ORIGIN, AS_PATH[kind], NEXT_HOP, ...(kind === 'ibgp' ? [LOCAL_PREF] : [])].join(' ');

export const byte = (value: number): string => value.toString(16).padStart(2, '0');

/** An attribute of any length, with Extended Length where it needs it. */
export function attribute(flags: number, type: number, value: string): string {
  const { length } = hex(value);
  if (length < 256) return `${byte(flags)}${byte(type)}${byte(length)}${value}`;
  return `${byte(flags | 0x10)}${byte(type)}${length.toString(16).padStart(4, '0')}${value}`;
}

/** MP_REACH_NLRI of both IPv6 prefixes. */
export const mpReach = (nextHop: string, nlri: string = NLRI_IPV6): string =>
  attribute(0x80, 14, `000201${byte(hex(nextHop).length)}${nextHop}00${nlri}`);

export const GLOBAL = 'fd000000000000000000000000000002';

/** A peer that has announced a prefix of each family, and one that is told what comes of it. */
export class Exchange {
  readonly station: Station = new Station();
  readonly peer: RawPeer;
  readonly watcher: RawPeer;

  constructor(kind: Kind, config: object = {}, watcherAsn: number = OWN_ASN, more: object = {}) {
    const asn = kind === 'ibgp' ? OWN_ASN : EXTERNAL;
    const open = { passive: true, importPolicy: 'accept', exportPolicy: 'accept' };
    this.station.start({
      clusterId: '10.0.0.1',
      ...more,
      peers: [
        peerAt(PEER, {
          ...open,
          asn,
          ...(kind === 'ibgp' && { reflectorClient: true }),
          ...config,
        }),
        peerAt(WATCHER, { ...open, asn: watcherAsn }),
      ],
    });
    this.peer = this.station.established(PEER, { asn, more: [{ type: 'extended-message' }] });
    this.watcher = this.station.established(WATCHER, {
      asn: watcherAsn,
      more: [{ type: 'extended-message' }],
    });
    this.peer.announce(['10.9.0.0/16']);
    this.peer.announce(['2001:db9::/32'], { nextHop: new Uint8Array(hex(GLOBAL)) });
    this.station.seconds(1);
  }

  /**
   * `reset CODE/SUBCODE DATA`, or what became of the peer's routes of a family: `used`, `withdrawn`,
   * `ignored` where all is as before, or why they are not used.
   */
  fate(family: 4 | 6 = 4): string {
    this.station.seconds(1);
    if (this.station.state(PEER) !== 'Established') return `reset ${this.peer.lastWord}`;
    const paths = this.station
      .paths()
      .filter((path) => path.includes(` p${PEER} `) && path.includes(':') === (family === 6))
      .map((path) => path.split(' '));
    const states = new Set(paths.map(([, , state, reason]) => [state, reason].join(' ')));
    if (states.size === 0) return 'withdrawn';
    if (states.size > 1 || !states.has('best only-path')) return [...states].join(', ');
    return paths.length === 2 ? 'used' : 'ignored';
  }

  fateOf(bytes: Uint8Array, family: 4 | 6 = 4): string {
    this.peer.send(bytes);
    return this.fate(family);
  }
}
