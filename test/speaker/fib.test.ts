// biome-ignore-all lint/suspicious/noThenProperty: `then` is a word of the configuration's contract
import { beforeEach, describe, expect, test } from 'vitest';
import { FibState } from '../../src/kernel/fib-state.ts';
import type { KernelRoute } from '../../src/kernel/kernel.ts';
import { encodeUpdate } from '../../src/wire/update.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, Station } from './station.ts';
import { addressOf, attributesOf, prefixOf } from './values.ts';

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const POD = '10.65.0.0/26';

let station: Station;

const config = (over: object = {}): object => ({
  kernel: { learn: true, program: true },
  peers: [peerAt(PEER, { passive: true }), peerAt(OTHER, { passive: true })],
  ...over,
});

beforeEach(() => {
  station = new Station();
});

function start(over: object = {}): RawPeer {
  station.start(config(over));
  return station.established(PEER);
}

/** A route of another program. */
const foreign = (prefix: string, gateway: string | undefined, over: Partial<KernelRoute> = {}) => ({
  prefix: prefixOf(prefix),
  type: 'unicast' as const,
  nextHops: [{ gateway, interface: 'eth0', onlink: false, weight: 1 }],
  metric: 0,
  protocol: 80,
  table: 254,
  ...over,
});

describe('what the kernel holds is announced', () => {
  test('connected prefixes and routes of others, not our own', () => {
    station.fib.add(foreign('10.66.0.0/26', '10.0.0.50'));
    const peer = start({ networks: [{ prefix: POD, kernel: 'blackhole' }] });
    expect(peer.held).toEqual(['10.0.0.0/24', POD, '10.66.0.0/26', 'fd00::/64'].sort());
    expect(station.programmed()).toEqual([`${POD} blackhole metric 1024`]);
  });

  test('as the policy says, and as it changes', () => {
    station.fib.add(foreign('10.66.0.0/26', '10.0.0.50'));
    const policies = {
      pods: [
        { match: { source: ['kernel'] }, then: 'accept' },
        { match: {}, then: 'reject' },
      ],
    };
    const peers = [peerAt(PEER, { passive: true, exportPolicy: ['pods'] })];
    const peer = start({ policies, peers });
    expect(peer.held).toEqual(['10.66.0.0/26']);
    station.fib.add(foreign('10.66.0.64/26', '10.0.0.50'));
    station.seconds(1);
    expect(peer.held).toEqual(['10.66.0.0/26', '10.66.0.64/26']);
  });

  test('only of the interfaces that are asked for', () => {
    station.fib.setLink('docker0', true);
    station.fib.addAddress('docker0', '172.17.0.1/16');
    const peer = start({ kernel: { learn: { interfaces: ['!docker*', '*'] } } });
    expect(peer.held).toEqual(['10.0.0.0/24', 'fd00::/64']);
  });

  test('only if the speaker is to learn, and as it changes; next hops are found all the same', () => {
    station.fib.add(foreign('10.66.0.0/26', '10.0.0.50'));
    const peer = start({ kernel: { learn: false } });
    expect(peer.held).toEqual([]);
    peer.announce(['10.66.0.0/26']);
    station.seconds(1);
    expect(station.programmed()).toEqual([`10.66.0.0/26 via ${PEER} dev eth0 metric 1024`]);
    station.apply(config());
    station.seconds(1);
    expect(peer.held).toEqual(['10.0.0.0/24', '10.66.0.0/26', 'fd00::/64']);
    expect(station.programmed()).toEqual([]);
  });

  test('until its link goes down', () => {
    station.fib.setLink('cali1', true);
    station.fib.add(foreign('10.66.0.1/32', undefined, { nextHops: [link('cali1')] }));
    const peer = start();
    expect(peer.held).toContain('10.66.0.1/32');
    station.fib.setLink('cali1', false);
    station.seconds(1);
    expect(peer.held).not.toContain('10.66.0.1/32');
  });
});

const link = (name: string) => ({ gateway: undefined, interface: name, onlink: false, weight: 1 });

/** Type 0x40, subtype 4, AS number, octets per second. */
function linkBandwidth(octetsPerSecond: number): Buffer {
  const community = Buffer.from([0x40, 4, 0xfc, 0, 0, 0, 0, 0]);
  community.writeFloatBE(octetsPerSecond, 4);
  return community;
}

describe('what is best is programmed', () => {
  test('with the configured metric', () => {
    const peer = start({ kernel: { metric: 77 } });
    peer.announce([POD]);
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via ${PEER} dev eth0 metric 77`]);
    peer.withdraw([POD]);
    station.seconds(1);
    expect(station.programmed()).toEqual([]);
  });

  test('again when the metric or the policy changes', () => {
    const peer = start();
    peer.announce([POD]);
    station.seconds(1);
    station.apply(config({ kernel: { metric: 78 } }));
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via ${PEER} dev eth0 metric 78`]);
    station.apply(config({ kernel: { program: false } }));
    station.seconds(1);
    expect(station.programmed()).toEqual([]);
    expect(station.peer(PEER).flaps).toBe(0);
  });

  test('over both of two equal peers, and over the one that is left', () => {
    const peer = start();
    const other = station.established(OTHER);
    peer.announce([POD]);
    other.announce([POD]);
    station.seconds(1);
    expect(station.programmed()).toEqual([
      `${POD} via ${PEER} dev eth0 via ${OTHER} dev eth0 metric 1024`,
    ]);
    peer.withdraw([POD]);
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via ${OTHER} dev eth0 metric 1024`]);
  });

  test('over equal peers in proportion to their Link Bandwidth, where all of them tell it', () => {
    const peer = start();
    const other = station.established(OTHER);
    const weights = (): readonly number[] =>
      station.fib
        .routes()
        .filter(({ protocol }) => protocol === 12)
        .flatMap(({ nextHops }) => nextHops.map(({ weight }) => weight));
    peer.announce([POD], { extendedCommunities: [linkBandwidth(1_000_000)] });
    other.announce([POD]);
    station.seconds(1);
    expect(weights()).toEqual([1, 1]);
    other.announce([POD], { extendedCommunities: [linkBandwidth(250_000)] });
    station.seconds(1);
    expect(weights()).toEqual([256, 64]);
    other.withdraw([POD]);
    station.seconds(1);
    expect(weights()).toEqual([1]);
  });

  test('over all equal paths of one peer with add-path', () => {
    station.start(
      config({ peers: [peerAt(PEER, { passive: true, addPath: { send: false, receive: true } })] }),
    );
    const families = [{ afi: 1, safi: 1, mode: 2 }];
    const peer = station.established(PEER, { more: [{ type: 'add-path', families }] });
    const context = { ...peer.context, addPath: ['ipv4-unicast'] } as const;
    for (const [pathId, nextHop] of ['10.0.0.7', '10.0.0.8'].entries()) {
      const attributes = attributesOf(peer.options, { nextHop: addressOf(nextHop) });
      const routes = [{ prefix: prefixOf(POD), pathId }];
      const content = { type: 'announce', family: 'ipv4-unicast', routes, attributes } as const;
      peer.send(encodeUpdate(content, context));
    }
    station.seconds(1);
    expect(station.programmed()).toEqual([
      `${POD} via 10.0.0.7 dev eth0 via 10.0.0.8 dev eth0 metric 1024`,
    ]);
  });

  test('through the gateway that leads to a distant next hop', () => {
    station.fib.add(foreign('192.0.2.0/24', '10.0.0.50'));
    const peer = start();
    peer.announce([POD], { nextHop: addressOf('192.0.2.7') });
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via 10.0.0.50 dev eth0 metric 1024`]);
    station.fib.remove(foreign('192.0.2.0/24', '10.0.0.50'));
    station.seconds(1);
    expect(station.programmed()).toEqual([]);
    expect(station.paths().find((path) => path.startsWith(`${POD} `))).toContain('unresolved');
  });

  test('once through a gateway that leads to the next hops of two equal paths', () => {
    station.fib.add(foreign('192.0.2.0/24', '10.0.0.50'));
    const peer = start();
    const other = station.established(OTHER);
    peer.announce([POD], { nextHop: addressOf('192.0.2.7') });
    other.announce([POD], { nextHop: addressOf('192.0.2.8') });
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via 10.0.0.50 dev eth0 metric 1024`]);
  });

  test('onlink through a tunnel, whatever way leads to the next hop', () => {
    station.fib.setLink('tunl0', true);
    const policies = {
      encapsulate: [
        { match: { prefix: [{ in: '10.65.0.0/16' }] }, set: { tunnel: 'tunl0' }, then: 'accept' },
      ],
    };
    const peer = start({ policies, kernel: { program: { policy: ['encapsulate'] } } });
    peer.announce([POD]);
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via ${PEER} dev tunl0 onlink metric 1024`]);
  });

  test('but not what a rule rejects', () => {
    const policies = {
      none: [{ match: { prefix: [{ in: '10.65.0.0/16' }] }, then: 'reject' }],
    };
    const peer = start({ policies, kernel: { program: { policy: ['none'] } } });
    peer.announce([POD, '10.77.0.0/16']);
    station.seconds(1);
    expect(station.programmed()).toEqual([`10.77.0.0/16 via ${PEER} dev eth0 metric 1024`]);
  });

  test('not until every own address is listened on: another BGP daemon may run here', () => {
    const holder = station.network
      .hostOf('10.0.0.1')
      ?.listen(
        { address: '0.0.0.0', port: 179 },
        { listening: () => {}, failed: () => {}, accepted: (one) => one.destroy() },
      );
    station.start(config({ networks: [{ prefix: POD, kernel: 'blackhole' }] }));
    station.seconds(60);
    expect(station.programmed()).toEqual([]);
    holder?.close();
    station.seconds(5);
    expect(station.programmed()).toEqual([`${POD} blackhole metric 1024`]);
  });
});

describe('what others do to the FIB', () => {
  test('a foreign route at our metric is reported and left alone', () => {
    const theirs = foreign(POD, '10.0.0.50', { metric: 1024 });
    station.fib.add(theirs);
    const peer = start({ kernel: { learn: false } });
    peer.announce([POD]);
    station.seconds(5);
    expect(station.programmed()).toEqual([]);
    const status = station.speaker.fib?.programmer.status(prefixOf(POD));
    expect(status).toMatchObject({ state: FibState.foreignConflict, foreignProtocol: 80 });
    station.fib.remove(theirs);
    station.seconds(5);
    expect(station.programmed()).toEqual([`${POD} via ${PEER} dev eth0 metric 1024`]);
  });

  test('a route of ours that someone deletes is put back', () => {
    const peer = start();
    peer.announce([POD]);
    station.seconds(1);
    const [ours] = station.fib.routes().filter(({ protocol }) => protocol === 12);
    if (ours === undefined) throw new Error('not programmed');
    station.fib.remove(ours);
    expect(station.programmed()).toEqual([]);
    station.seconds(1);
    expect(station.programmed()).toEqual([`${POD} via ${PEER} dev eth0 metric 1024`]);
  });

  test('routes come back with the link', () => {
    const peer = start();
    peer.announce([POD]);
    station.seconds(1);
    station.fib.setLink('eth0', false);
    station.seconds(1);
    expect(station.programmed()).toEqual([]);
    station.fib.setLink('eth0', true);
    station.seconds(5);
    expect(station.programmed()).toEqual([`${POD} via ${PEER} dev eth0 metric 1024`]);
  });
});
