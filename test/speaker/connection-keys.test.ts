import { beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { reportPeer, stateName } from '../../src/speaker/report-peer.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import type { Connection, KeyFault, Transport } from '../../src/transport/transport.ts';
import { OWN_ASN, resolved } from './station.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const C = '10.0.0.3';

let clock: VirtualClock;
let network: MemoryNetwork;

beforeEach(() => {
  clock = new VirtualClock();
  network = new MemoryNetwork({ clock, random: seededRandom(1) });
});

const seconds = (count: number): void => clock.advance(count * 1000);

const peerAt = (address: string, over: object = {}): object => ({
  name: address,
  address,
  asn: OWN_ASN,
  connectRetryTime: 2,
  errorWait: { min: 1, max: 2 },
  gracefulRestart: false,
  ...over,
});

const secret = (value: string, over: object = {}): object => ({ password: { value }, ...over });

/** What the system of a speaker does otherwise. */
interface Platform {
  readonly setKeys?: Transport['setKeys'];
  readonly protect?: Connection['protect'];
}

/** A speaker at `address`. */
class Station {
  readonly speaker: Speaker;
  readonly steps: string[] = [];
  readonly #address: string;

  constructor(address: string, platform: Platform = {}) {
    this.#address = address;
    const host = network.host([address]);
    const transport: Transport = {
      counters: host.counters,
      listen: (local, handler) => {
        const accepted = (connection: Connection): void => {
          const { protect } = platform;
          handler.accepted(
            protect === undefined ? connection : Object.assign(connection, { protect }),
          );
        };
        return host.listen(local, { ...handler, accepted });
      },
      dial: (options, handler) => host.dial(options, handler),
      setKeys: (keys) => (platform.setKeys ?? ((own) => host.setKeys(own)))(keys),
    };
    this.speaker = new Speaker({
      clock,
      random: seededRandom(5),
      logger: silentLogger,
      probe: { ...silentProbe, sessionStep: (peer, _from, to) => this.steps.push(`${peer} ${to}`) },
      transport,
      openKernel: () => {
        throw new Error('no FIB');
      },
    });
  }

  apply(peers: readonly object[], dynamicPeers: readonly object[] = []): void {
    this.speaker.apply(resolved({ routerId: this.#address, peers, dynamicPeers }));
  }

  state(address: string): string {
    const peer = this.speaker.peers.find(({ config }) => config.address === address);
    return peer === undefined ? 'absent' : stateName(peer);
  }

  reason(address: string): string {
    const peer = this.speaker.peers.find(({ config }) => config.address === address);
    if (peer === undefined) return '';
    const heldReason = this.speaker.heldReason(peer.name);
    return reportPeer(peer, 'configured', { heldReason, bfd: undefined }).reason;
  }
}

describe('peers with a password', () => {
  let a: Station;
  let b: Station;

  beforeEach(() => {
    a = new Station(A);
    b = new Station(B);
  });

  test.each([
    ['dialled', {}, { passive: true }],
    ['accepted', { passive: true }, {}],
  ])('come up when %s and both have the same', (_name, here, there) => {
    a.apply([peerAt(B, secret('one', here))]);
    b.apply([peerAt(A, secret('one', there))]);
    seconds(10);
    expect([a.state(B), b.state(A)]).toEqual(['Established', 'Established']);
  });

  test.each([
    ['another one', secret('two')],
    ['none', {}],
  ])('stay down when the other has %s, and both hear only silence', (_name, there) => {
    a.apply([peerAt(B, secret('one'))]);
    b.apply([peerAt(A, there)]);
    seconds(60);
    expect(a.steps.filter((step) => step.endsWith('open-sent'))).toEqual([]);
    expect(b.steps.filter((step) => step.endsWith('open-sent'))).toEqual([]);
    expect(a.reason(B)).toContain('if the peer has another password');
  });

  test('restart when it changes, and come back once the other side follows', () => {
    const c = new Station(C);
    a.apply([peerAt(B, secret('one')), peerAt(C, secret('three'))]);
    b.apply([peerAt(A, secret('one'))]);
    c.apply([peerAt(A, secret('three'))]);
    seconds(10);
    expect([a.state(B), a.state(C)]).toEqual(['Established', 'Established']);
    c.steps.length = 0;
    a.apply([peerAt(B, secret('two')), peerAt(C, secret('three'))]);
    seconds(30);
    expect(a.state(B)).not.toBe('Established');
    b.apply([peerAt(A, secret('two'))]);
    seconds(30);
    expect([a.state(B), b.state(A)]).toEqual(['Established', 'Established']);
    expect(c.steps).toEqual([]);
  });

  test('come up without once both sides drop it', () => {
    a.apply([peerAt(B, secret('one'))]);
    b.apply([peerAt(A, secret('one'))]);
    seconds(10);
    a.apply([peerAt(B)]);
    b.apply([peerAt(A)]);
    seconds(30);
    expect([a.state(B), b.state(A)]).toEqual(['Established', 'Established']);
  });

  test('of a range come up by its password alone', () => {
    const range = { range: '10.0.0.0/24', asn: OWN_ASN, max: 10 };
    const c = new Station(C);
    a.apply([], [{ ...range, ...secret('one') }]);
    b.apply([peerAt(A, secret('one'))]);
    c.apply([peerAt(A)]);
    seconds(20);
    expect([a.state(B), b.state(A)]).toEqual(['Established', 'Established']);
    expect(a.state(C)).toBe('absent');
    a.apply([], [{ ...range, ...secret('two') }]);
    seconds(20);
    expect(a.state(B)).toBe('absent');
    b.apply([peerAt(A, secret('two'))]);
    seconds(20);
    expect([a.state(B), b.state(A)]).toEqual(['Established', 'Established']);
  });
});

describe('peers whose password cannot be in force', () => {
  const full = (from: string): KeyFault => ({ from, reason: 'key-memory', detail: 'ENOMEM' });

  test('are neither dialled nor accepted, and name the limit', () => {
    const a = new Station(A, { setKeys: () => [full(`${B}/32`)] });
    const b = new Station(B);
    a.apply([peerAt(B, secret('one'))]);
    b.apply([peerAt(A)]);
    seconds(30);
    expect(a.state(B)).toBe('Idle');
    expect(a.reason(B)).toContain('net.core.optmem_max (ENOMEM)');
    expect(b.steps.filter((step) => step.endsWith('open-confirm'))).toEqual([]);
  });

  test('leave a peer without a password alone that dials the same address', () => {
    const a = new Station(A, { setKeys: () => [full(`${B}/32`)] });
    const b = new Station(B);
    a.apply([peerAt(B, { name: 'keyed', port: 180, ...secret('one') }), peerAt(B)]);
    b.apply([peerAt(A, { passive: true })]);
    seconds(10);
    expect(a.steps).toContain(`${B} established`);
    expect(a.speaker.heldReason('keyed')).toContain('net.core.optmem_max');
  });

  test('of a range do not come in', () => {
    const a = new Station(A, { setKeys: () => [full('10.0.0.0/24')] });
    const b = new Station(B);
    a.apply([], [{ range: '10.0.0.0/24', asn: OWN_ASN, max: 10, ...secret('one') }]);
    b.apply([peerAt(A)]);
    seconds(30);
    expect(a.state(B)).toBe('absent');
    expect(a.speaker.heldReason('10.0.0.0/24')).toContain('net.core.optmem_max');
  });

  test('are let go once there is room', () => {
    let faults: readonly KeyFault[] = [full(`${B}/32`)];
    const a = new Station(A, { setKeys: () => faults });
    const b = new Station(B);
    a.apply([peerAt(B, secret('one'))]);
    b.apply([peerAt(A, secret('one', { passive: true }))]);
    seconds(10);
    faults = [];
    a.apply([peerAt(B, secret('one'))]);
    seconds(10);
    expect(a.state(B)).toBe('Established');
  });

  test('because the file was not read stay down', () => {
    const a = new Station(A);
    a.apply([peerAt(B, { password: { file: '/run/secret' } })]);
    seconds(10);
    expect(a.state(B)).toBe('Idle');
    expect(a.reason(B)).toBe('kept down: its password file was not read');
  });

  test('because another peer has their address stay down, unless they dial', () => {
    const a = new Station(A);
    const b = new Station(B);
    const at = (name: string, port: number, value: string, passive: boolean): object =>
      peerAt(B, { name, port, passive, ...secret(value) });
    b.apply([peerAt(A, secret('two', { passive: true }))]);
    a.apply([
      at('first', 180, 'one', true),
      at('second', 179, 'two', false),
      at('third', 181, 'three', true),
    ]);
    seconds(10);
    expect(a.steps).toContain('second established');
    expect(a.speaker.heldReason('first')).toBeUndefined();
    expect(a.speaker.heldReason('third')).toContain('the password of another peer');
  });

  test('share one with a range of just their address', () => {
    const asked: string[] = [];
    const setKeys: Transport['setKeys'] = (keys) => {
      asked.push(...keys.map(({ from, password }) => `${from} ${password}`));
      return [];
    };
    const a = new Station(A, { setKeys });
    a.apply(
      [peerAt(B, secret('one'))],
      [{ range: `${B}/32`, asn: OWN_ASN, max: 1, ...secret('two') }],
    );
    expect(asked).toEqual([`${B}/32 one`]);
  });

  test('because a range with one holds their address stay down, unless they dial', () => {
    const a = new Station(A);
    const b = new Station(B);
    b.apply([peerAt(A, { passive: true })]);
    a.apply(
      [peerAt(B), peerAt(C, { passive: true })],
      [{ range: '10.0.0.0/24', asn: OWN_ASN, max: 10, ...secret('one') }],
    );
    seconds(10);
    expect(a.state(B)).toBe('Established');
    expect(a.reason(C)).toContain('the password of another peer or range');
  });
});

describe('TTL security', () => {
  test.each([
    ['dialled', {}, { passive: true }],
    ['accepted', { passive: true }, {}],
  ])('lets a peer in that has it as well, when %s', (_name, here, there) => {
    const [a, b] = [new Station(A), new Station(B)];
    a.apply([peerAt(B, { ttlSecurity: 1, ...here })]);
    b.apply([peerAt(A, { ttlSecurity: 1, ...there })]);
    seconds(10);
    expect([a.state(B), b.state(A)]).toEqual(['Established', 'Established']);
  });

  test('keeps out a peer whose packets may come from further away', () => {
    const [a, b] = [new Station(A), new Station(B)];
    a.apply([peerAt(B, { ttlSecurity: 1 })]);
    b.apply([peerAt(A, { multihop: 64 })]);
    seconds(60);
    expect([a.state(B), b.state(A)]).not.toContain('Established');
  });

  test('that the system cannot give keeps out who dials', () => {
    const a = new Station(A, { protect: () => false });
    const b = new Station(B);
    a.apply([peerAt(B, { ttlSecurity: 1, passive: true })]);
    b.apply([peerAt(A, { ttlSecurity: 1 })]);
    seconds(60);
    expect([a.state(B), b.state(A)]).not.toContain('Established');
    expect(a.reason(B)).toContain('cannot give the connection its password or TTL security');
  });
});
