import { expect, test } from 'vitest';
import { CombinedDatastore } from '../../src/datastore/combined-datastore.ts';
import type { Datastore, DatastoreListener } from '../../src/datastore/datastore.ts';
import { BengalError } from '../../src/runtime/error.ts';
import { calico } from './objects.ts';
import { RecordingListener } from './recording-listener.ts';

class Part implements Datastore {
  listener: DatastoreListener | undefined;
  stopped = false;

  start(listener: DatastoreListener): void {
    this.listener = listener;
  }

  stop(): void {
    this.stopped = true;
  }
}

test('is in sync while all of its parts are', () => {
  const parts = [new Part(), new Part()] as const;
  const listener = new RecordingListener();
  const combined = new CombinedDatastore(parts);
  combined.start(listener);
  const [first, second] = parts;
  first.listener?.synchronised();
  second.listener?.put(calico('Node', 'a', {}));
  second.listener?.delete('Node//a');
  expect(listener.drain()).toEqual(['put Node//a', 'delete Node//a']);
  second.listener?.synchronised();
  second.listener?.lostSync('refused');
  first.listener?.synchronised();
  second.listener?.synchronised();
  expect(listener.drain()).toEqual(['synchronised', 'lost sync', 'synchronised']);
  first.listener?.problem(new BengalError('x', 'is away', { where: 'etcd' }));
  first.listener?.resolved('etcd');
  expect(listener.drain()).toEqual(['problem etcd: is away', 'resolved etcd']);
  combined.stop();
  expect(parts.map(({ stopped }) => stopped)).toEqual([true, true]);
});

test('answers while all of its parts do', () => {
  const parts = [new Part(), new Part()] as const;
  const log: string[] = [];
  new CombinedDatastore(parts).start({
    put: () => {},
    delete: () => {},
    synchronised: () => {},
    lostSync: () => {},
    problem: () => {},
    resolved: () => {},
    disconnected: () => log.push('disconnected'),
    connected: () => log.push('connected'),
  });
  const [first, second] = parts;
  first.listener?.disconnected?.();
  second.listener?.disconnected?.();
  first.listener?.connected?.();
  expect(log).not.toContain('connected');
  second.listener?.connected?.();
  expect(log.at(-1)).toBe('connected');
});
