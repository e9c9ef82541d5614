import { expect, test } from 'vitest';
import { CombinedDatastore } from '../../src/datastore/combined-datastore.ts';
import type { Datastore, DatastoreListener } from '../../src/datastore/datastore.ts';

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
  const log: string[] = [];
  const combined = new CombinedDatastore(parts);
  combined.start({
    put: ({ kind }) => log.push(`put ${kind}`),
    delete: (key) => log.push(`delete ${key}`),
    synchronised: () => log.push('synchronised'),
    lostSync: (reason) => log.push(`lost: ${reason}`),
    problem: () => {},
    resolved: () => {},
  });
  const [first, second] = parts;
  first.listener?.synchronised();
  second.listener?.delete('Node//a');
  expect(log).toEqual(['delete Node//a']);
  second.listener?.synchronised();
  second.listener?.lostSync('refused');
  first.listener?.synchronised();
  second.listener?.synchronised();
  expect(log.slice(1)).toEqual(['synchronised', 'lost: refused', 'synchronised']);
  combined.stop();
  expect(parts.map(({ stopped }) => stopped)).toEqual([true, true]);
});
