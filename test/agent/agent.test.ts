import { describe, expect, test } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import type { Derived } from '../../src/confd/types.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import type { DatastoreListener, Resource } from '../../src/datastore/datastore.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

const node = (name: string): Resource => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'Node',
  metadata: { name, labels: {}, annotations: {} },
  spec: {},
});

/** A derivation whose AS number counts the objects it saw; none at all gives no configuration. */
function countingDerivation(resources: Iterable<Resource>): Derived {
  const count = [...resources].length;
  return {
    config: count === 0 ? undefined : ({ asn: count, peers: [] } as unknown as SpeakerConfig),
    held: [],
    logLevel: 'info',
    provenance: new Map(),
    problems: [],
    needs: [],
  };
}

function run(cost = 0) {
  const time = new VirtualClock();
  let spent = 0;
  /** Virtual time that derivations take as well. */
  const clock = {
    now: () => time.now() + spent,
    wallTime: () => time.wallTime() + spent,
    setTimer: time.setTimer.bind(time),
    soon: time.soon.bind(time),
    advance: time.advance.bind(time),
  };
  const applied: number[] = [];
  /** What following the next derivation does: asks the datastore for more. */
  const asked: (() => void)[] = [];
  let listener: DatastoreListener | undefined;
  const agent = new Agent({
    datastore: {
      start: (given) => {
        listener = given;
      },
      stop: () => {},
    },
    derive: (resources) => {
      spent += cost;
      return countingDerivation(resources);
    },
    follow: () => asked.shift()?.(),
    speaker: { apply: (config) => applied.push(config.asn) },
    clock,
    logger: silentLogger,
    probe: silentProbe,
  });
  agent.start();
  if (listener === undefined) throw new Error('the agent did not start its datastore');
  return { clock, applied, asked, agent, listener };
}

describe('agent', () => {
  test('derives nothing before the datastore is in sync', () => {
    const { clock, applied, listener } = run();
    listener.put(node('a'));
    clock.advance(60_000);
    expect(applied).toEqual([]);
    listener.synchronised();
    clock.advance(1);
    expect(applied).toEqual([1]);
  });

  test('derives once for all changes of a turn', () => {
    const { clock, applied, listener } = run();
    listener.synchronised();
    for (const name of ['a', 'b', 'c']) listener.put(node(name));
    clock.advance(1);
    expect(applied).toEqual([3]);
    listener.delete('Node//a');
    clock.advance(1);
    expect(applied).toEqual([3, 2]);
  });

  test('tells a change after a quiet while at once, and gathers those of a storm', () => {
    const { clock, applied, listener } = run(10);
    listener.synchronised();
    listener.put(node('first'));
    clock.advance(1);
    expect(applied).toEqual([1]);
    for (let at = 0; at < 1000; at++) {
      listener.put(node(`node-${at}`));
      clock.advance(1);
    }
    clock.advance(1000);
    expect(applied.at(-1)).toBe(1001);
    expect(applied.length).toBeLessThan(40);
    listener.delete('Node//first');
    clock.advance(1);
    expect(applied.at(-1)).toBe(1000);
  });

  test('keeps the last good state while the datastore is out of sync', () => {
    const { clock, applied, agent, listener } = run();
    listener.put(node('a'));
    listener.synchronised();
    clock.advance(1);
    listener.lostSync('connection refused');
    listener.delete('Node//a');
    clock.advance(60_000);
    expect(applied).toEqual([1]);
    expect(agent.status).toMatchObject({ inSync: false, detail: 'connection refused' });
  });

  test('keeps the last configuration when its own node vanishes', () => {
    const { clock, applied, agent, listener } = run();
    listener.put(node('a'));
    listener.synchronised();
    clock.advance(1);
    listener.delete('Node//a');
    clock.advance(1);
    expect(applied).toEqual([1]);
    expect(agent.status.derived?.config?.asn).toBe(1);
  });

  test('waits for what the derivation asked for before it applies anything', () => {
    const { clock, applied, listener, asked } = run();
    asked.push(() => listener.lostSync('Secret kube-system/bgp is being read'));
    listener.put(node('a'));
    listener.synchronised();
    clock.advance(1);
    expect(applied).toEqual([]);
    listener.put(node('b'));
    listener.synchronised();
    clock.advance(1);
    expect(applied).toEqual([2]);
  });

  test('applies nothing after stop', () => {
    const { clock, applied, agent, listener } = run();
    listener.put(node('a'));
    listener.synchronised();
    void agent.stop();
    clock.advance(1);
    expect(applied).toEqual([]);
  });
});
