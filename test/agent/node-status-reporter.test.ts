import { describe, expect, test } from 'vitest';
import { NodeStatusReporter } from '../../src/agent/node-status-reporter.ts';
import type { DatastoreListener, Resource } from '../../src/datastore/datastore.ts';
import { BengalError } from '../../src/runtime/error.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { RecordingLogger } from '../cli/recording-logger.ts';
import { calico } from '../datastore/objects.ts';

const wanted = (spec: object, status?: object): Resource => ({
  ...calico('CalicoNodeStatus', 'mine', {
    node: 'one',
    classes: ['Agent', 'BGP'],
    updatePeriodSeconds: 10,
    ...spec,
  }),
  ...(status !== undefined && { status: { ...status } }),
});

/** A reporter of node `one`; `turn` lets pass what is due and what it promises. */
class Bench {
  readonly clock = new VirtualClock();
  readonly logger = new RecordingLogger();
  readonly written: Readonly<Record<string, unknown>>[] = [];
  /** Each takes one write away. */
  readonly failures: BengalError[] = [];
  asked: (readonly string[])[] = [];
  established = 1;
  stopped = false;
  #listener: DatastoreListener | undefined;
  readonly reporter = new NodeStatusReporter({
    node: 'one',
    store: {
      start: (listener) => {
        this.#listener = listener;
      },
      stop: () => {
        this.stopped = true;
      },
      putStatus: async (name, parts) => {
        const failure = this.failures.shift();
        if (failure !== undefined) throw failure;
        this.written.push({ name, ...parts });
      },
    },
    collect: async (classes) => {
      this.asked.push(classes);
      return { agent: { birdV4: {} }, bgp: { numberEstablishedV4: this.established } };
    },
    clock: this.clock,
    logger: this.logger,
  });

  constructor() {
    this.reporter.start();
  }

  get listener(): DatastoreListener {
    if (this.#listener === undefined) throw new Error('it was not started');
    return this.#listener;
  }

  async turn(milliseconds = 0): Promise<void> {
    this.clock.advance(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a CalicoNodeStatus', () => {
  test('for this node is answered at once, with the time', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({}));
    await bench.turn();
    expect(bench.asked).toEqual([['Agent', 'BGP']]);
    expect(bench.written).toEqual([
      {
        name: 'mine',
        agent: { birdV4: {} },
        bgp: { numberEstablishedV4: 1 },
        lastUpdated: '2026-01-01T00:00:00Z',
      },
    ]);
  });

  test('for another node, or one that cannot be read, is left alone', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({ node: 'two' }));
    bench.listener.put(wanted({ updatePeriodSeconds: 86_401 }));
    bench.listener.put(wanted({ classes: [] }));
    await bench.turn(100_000);
    expect(bench.asked).toEqual([]);
    expect(bench.logger.entries.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  test('is looked at every period and written only when something differs', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({}));
    await bench.turn();
    await bench.turn(9_999);
    expect(bench.asked).toHaveLength(1);
    await bench.turn(1);
    expect(bench.asked).toHaveLength(2);
    expect(bench.written).toHaveLength(1);
    bench.established = 2;
    await bench.turn(10_000);
    expect(bench.written[1]).toMatchObject({ bgp: { numberEstablishedV4: 2 } });
  });

  test('whose status says it all already is not written', async () => {
    const bench = new Bench();
    const status = { agent: { birdV4: {} }, bgp: { numberEstablishedV4: 1 }, lastUpdated: 'then' };
    bench.listener.put(wanted({}, status));
    await bench.turn();
    expect(bench.asked).toHaveLength(1);
    expect(bench.written).toEqual([]);
  });

  test('whose status somebody else changed is set right at the next look', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({}));
    await bench.turn();
    bench.listener.put(wanted({}, { agent: {} }));
    await bench.turn();
    expect(bench.written).toHaveLength(1);
    await bench.turn(10_000);
    expect(bench.written).toHaveLength(2);
  });

  test('is looked at when what it asks for changes, and with period 0 only then', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({ updatePeriodSeconds: 0 }));
    await bench.turn();
    await bench.turn(100_000);
    expect(bench.asked).toHaveLength(1);
    bench.listener.put(wanted({ updatePeriodSeconds: 0, classes: ['Routes'] }));
    await bench.turn();
    expect(bench.asked.at(-1)).toEqual(['Routes']);
    bench.reporter.refresh();
    await bench.turn();
    expect(bench.asked).toHaveLength(3);
  });

  test('that changes while it is answered is answered once more', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({ updatePeriodSeconds: 0 }));
    bench.listener.put(wanted({ updatePeriodSeconds: 0, classes: ['Routes'] }));
    await bench.turn();
    expect(bench.asked).toEqual([['Agent', 'BGP'], ['Routes']]);
  });

  test('that cannot be written is tried three times, told once, and tried at the next look', async () => {
    const bench = new Bench();
    const failure = new BengalError('api-forbidden', 'may not', { where: 'CalicoNodeStatus mine' });
    bench.failures.push(...Array.from({ length: 6 }, () => failure));
    bench.listener.put(wanted({}));
    await bench.turn();
    for (const pause of [1000, 1000, 10_000, 1000, 1000]) await bench.turn(pause);
    expect(bench.failures).toEqual([]);
    expect(bench.logger.entries).toEqual([
      {
        level: 'warn',
        msg: 'node status is not reported',
        name: 'mine',
        problem: 'CalicoNodeStatus mine: may not',
      },
    ]);
    await bench.turn(10_000);
    expect(bench.written).toHaveLength(1);
  });

  test('is forgotten when it is deleted or goes to another node', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({}));
    await bench.turn();
    bench.listener.delete('CalicoNodeStatus//mine');
    await bench.turn(20_000);
    bench.listener.put(wanted({}));
    await bench.turn();
    bench.listener.put(wanted({ node: 'two' }));
    await bench.turn(20_000);
    expect(bench.asked).toHaveLength(2);
  });

  test('is left alone after the stop, also in the middle of an attempt', async () => {
    const bench = new Bench();
    bench.listener.put(wanted({}));
    bench.reporter.stop();
    await bench.turn(20_000);
    expect(bench.written).toEqual([]);
    expect(bench.asked).toHaveLength(1);
    expect(bench.stopped).toBe(true);
  });
});
