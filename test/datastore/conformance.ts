import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Datastore, Resource } from '../../src/datastore/datastore.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { CountingClock } from './counting-clock.ts';
import { Mirror } from './mirror.ts';
import { calico } from './objects.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** A datastore on a source of its own, and a way to write that source. */
export interface Bench {
  /** Not started yet; opened through `proxy` where there is one. */
  readonly datastore: Datastore;
  /** Creates or replaces BGPPeers. */
  put(...resources: readonly Resource[]): Promise<void>;
  /** Deletes BGPPeers by name. */
  delete(...names: readonly string[]): Promise<void>;
  /** Stores something under the name of a BGPPeer that cannot be taken as an object. */
  damage(name: string): Promise<void>;
  end(): Promise<void>;
}

export interface NetworkBench extends Bench {
  readonly proxy: TcpProxy;
  /** Makes the source forget its history, so that what was cut off cannot resume. */
  forget(): Promise<void>;
}

export interface BenchOptions {
  readonly clock: Clock;
  /** Milliseconds without a connection after which sync counts as lost. */
  readonly lostAfter: number;
}

/** Generous: only a failing test waits so long. */
const WAIT = { timeout: 60_000, interval: 20 };
const NEVER = 3_600_000;

const peer = (name: string, asNumber = 1): Resource =>
  calico('BGPPeer', name, { peerIP: '10.0.0.1', asNumber });

const keysOf = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `BGPPeer//${name}`);

/** What every datastore must do. */
export function describeDatastore(
  name: string,
  makeBench: (options: BenchOptions) => Promise<Bench>,
): void {
  describe(name, () => {
    let clock: CountingClock;
    let bench: Bench;
    let mirror: Mirror;

    beforeEach(async () => {
      clock = new CountingClock();
      mirror = new Mirror();
      bench = await makeBench({ clock, lostAfter: NEVER });
    }, 60_000);

    afterEach(async () => {
      bench.datastore.stop();
      await bench.end();
    }, 60_000);

    const started = async (): Promise<void> => {
      bench.datastore.start(mirror);
      await expect.poll(() => mirror.inSync, WAIT).toBe(true);
    };

    test('is not in sync before all of its snapshot has come', async () => {
      const names = Array.from({ length: 25 }, (_, i) => `p${i}`);
      await bench.put(...names.map((at) => peer(at)));
      await started();
      expect(mirror.snapshots).toEqual([[...keysOf(...names)].sort()]);
      expect(mirror.puts).toHaveLength(25);
    });

    test('is in sync when it is empty', async () => {
      await started();
      expect(mirror.snapshots).toEqual([[]]);
    });

    test('tells what is created, changed and deleted', async () => {
      await bench.put(peer('a'), peer('b'));
      await started();
      await bench.put(peer('c', 3), peer('b', 2));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 1, b: 2, c: 3 });
      await bench.delete('a', 'b');
      await expect.poll(() => mirror.asns, WAIT).toEqual({ c: 3 });
      await bench.put(peer('a', 4));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 4, c: 3 });
    });

    test('tells nothing about an object that stays the same', async () => {
      await bench.put(peer('a'), peer('b'));
      await started();
      await bench.put(peer('a'));
      await bench.put(peer('b', 2));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 1, b: 2 });
      expect(mirror.puts.filter(({ key }) => key === 'BGPPeer//a')).toHaveLength(1);
    });

    test('reports what cannot be taken by name, and takes the rest', async () => {
      await bench.put(peer('a'));
      await bench.damage('bad');
      await started();
      await expect.poll(() => [...mirror.problems.keys()].join(), WAIT).toContain('bad');
      await bench.put(peer('b'));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 1, b: 1 });
      await bench.put(peer('bad'));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 1, b: 1, bad: 1 });
      await expect.poll(() => mirror.problems.size, WAIT).toBe(0);
    });

    test('keeps a fault that comes while it runs to the object that has it', async () => {
      await bench.put(peer('a'));
      await started();
      await bench.damage('bad');
      await expect.poll(() => mirror.problems.size, WAIT).toBe(1);
      await bench.put(peer('a', 2));
      await expect.poll(() => mirror.asns['a'], WAIT).toBe(2);
      await bench.delete('bad');
      await expect.poll(() => mirror.problems.size, WAIT).toBe(0);
      expect(mirror.asns).toEqual({ a: 2 });
    });

    test('tells nothing after stop and leaves no timer', async () => {
      await bench.put(peer('a'));
      await started();
      bench.datastore.stop();
      const { calls } = mirror;
      await bench.put(peer('b'));
      await bench.delete('a');
      expect(clock.pending).toBe(0);
      expect(mirror.calls).toBe(calls);
    });

    test('can be stopped at once', async () => {
      await bench.put(peer('a'));
      bench.datastore.start(mirror);
      bench.datastore.stop();
      const { calls } = mirror;
      await bench.put(peer('b'));
      expect(clock.pending).toBe(0);
      expect(mirror.calls).toBe(calls);
    });
  });
}

/** What every datastore behind a network must do when that network fails. */
export function describeNetworkDatastore(
  name: string,
  makeBench: (options: BenchOptions) => Promise<NetworkBench>,
): void {
  describeDatastore(name, makeBench);

  describe(`${name}, when the network fails,`, () => {
    let clock: CountingClock;
    let bench: NetworkBench;
    let mirror: Mirror;

    const setUp = async (lostAfter = NEVER): Promise<void> => {
      clock = new CountingClock();
      mirror = new Mirror();
      bench = await makeBench({ clock, lostAfter });
    };
    const started = async (): Promise<void> => {
      bench.datastore.start(mirror);
      await expect.poll(() => mirror.inSync, WAIT).toBe(true);
    };

    afterEach(async () => {
      bench.datastore.stop();
      await bench.end();
    }, 60_000);

    test('loses no change, however often it is cut', async () => {
      await setUp();
      await started();
      bench.proxy.cutAfter(40_000);
      const truth: Record<string, number> = {};
      for (let round = 1; round <= 60; round++) {
        const names = Array.from({ length: 50 }, (_, i) => `p${(round * 7 + i) % 80}`);
        await bench.put(...names.map((at) => peer(at, round)));
        for (const at of names) truth[at] = round;
        const gone = names.slice(0, 5);
        await bench.delete(...gone);
        for (const at of gone) delete truth[at];
        if (round % 9 === 0) bench.proxy.cut();
      }
      // What is left may come in one piece that is longer than all the cuts allow.
      bench.proxy.pass();
      await expect.poll(() => mirror.asns, WAIT).toEqual(truth);
      expect(backwards(mirror.puts)).toEqual([]);
    }, 180_000);

    test('finds out what was deleted while history was forgotten', async () => {
      await setUp();
      const names = Array.from({ length: 40 }, (_, i) => `p${i}`);
      await bench.put(...names.map((at) => peer(at)));
      await started();
      bench.proxy.refuse();
      await bench.delete('p3', 'p17');
      await bench.put(peer('p5', 2), peer('new', 2));
      await bench.forget();
      bench.proxy.pass();
      await expect.poll(() => mirror.asns['new'], WAIT).toBe(2);
      await expect.poll(() => mirror.resources.size, WAIT).toBe(39);
      expect(mirror.puts.slice(40).map(({ key }) => key)).toEqual(keysOf('new', 'p5'));
      await bench.put(peer('later'));
      await expect.poll(() => mirror.asns['later'], WAIT).toBe(1);
    }, 120_000);

    test('notices a connection that fell silent', async () => {
      await setUp();
      await bench.put(peer('a'));
      await started();
      bench.proxy.freeze();
      await bench.put(peer('a', 2));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 2 });
    }, 120_000);

    test('begins as soon as the source can be reached', async () => {
      await setUp();
      await bench.put(peer('a'));
      bench.proxy.refuse();
      bench.datastore.start(mirror);
      await expect.poll(() => mirror.problems.size, WAIT).toBe(1);
      expect(mirror.snapshots).toEqual([]);
      bench.proxy.pass();
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 1 });
      await expect.poll(() => mirror.problems.size, WAIT).toBe(0);
    }, 120_000);

    test('says when its view may be stale, and when it is not any more', async () => {
      await setUp(50);
      await bench.put(peer('a'), peer('b'));
      await started();
      bench.proxy.refuse();
      await expect.poll(() => mirror.inSync, WAIT).toBe(false);
      expect(mirror.asns).toEqual({ a: 1, b: 1 });
      await bench.delete('a');
      bench.proxy.pass();
      await expect.poll(() => mirror.inSync, WAIT).toBe(true);
      expect(mirror.snapshots.at(-1)).toEqual(keysOf('b'));
    }, 120_000);

    test('works over a slow network', async () => {
      await setUp();
      await bench.put(peer('a'));
      bench.proxy.delay(100);
      await started();
      await bench.put(peer('a', 2));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ a: 2 });
    }, 120_000);

    test('leaves no connection and no timer behind when it is stopped', async () => {
      await setUp();
      await started();
      expect(bench.proxy.connections).toBeGreaterThan(0);
      bench.datastore.stop();
      await expect.poll(() => bench.proxy.connections, WAIT).toBe(0);
      expect(clock.pending).toBe(0);
    }, 120_000);

    test('gives up trying to connect when it is stopped', async () => {
      await setUp();
      bench.proxy.refuse();
      bench.datastore.start(mirror);
      await expect.poll(() => mirror.problems.size, WAIT).toBe(1);
      bench.datastore.stop();
      const { calls } = mirror;
      bench.proxy.pass();
      await bench.put(peer('a'));
      await expect.poll(() => bench.proxy.connections, WAIT).toBe(0);
      expect(clock.pending).toBe(0);
      expect(mirror.calls).toBe(calls);
    }, 120_000);
  });
}

/** Puts that are older than what was told of the same object before. */
function backwards(puts: Mirror['puts']): Mirror['puts'] {
  const newest = new Map<string, number>();
  return puts.filter(({ key, asn }) => {
    const before = newest.get(key) ?? 0;
    newest.set(key, Number(asn));
    return Number(asn) < before;
  });
}
