import { expect, test } from 'vitest';
import { MemoryDatastore } from '../../src/datastore/memory-datastore.ts';
import { calico } from './objects.ts';
import { RecordingListener } from './recording-listener.ts';

test('every connection sees what is there, then the changes, until it stops', () => {
  const store = new MemoryDatastore([calico('Node', 'a', {})]);
  const [first, second] = [new RecordingListener(), new RecordingListener()];
  const connection = store.connect();
  connection.start(first);
  expect(first.drain()).toEqual(['put Node//a', 'synchronised']);

  store.apply(calico('Node', 'b', {}));
  store.connect().start(second);
  expect(second.drain()).toEqual(['put Node//a', 'put Node//b', 'synchronised']);

  store.delete('Node//a', 'Node//unknown');
  expect(first.drain()).toEqual(['put Node//b', 'delete Node//a']);

  connection.stop();
  store.apply(calico('Node', 'c', {}));
  expect(first.drain()).toEqual([]);
  expect(second.drain()).toEqual(['delete Node//a', 'put Node//c']);
});
