import { expect, test } from 'vitest';
import { ApiFailure } from '../../../src/datastore/kubernetes/failure.ts';
import { SyncState } from '../../../src/datastore/kubernetes/sync-state.ts';
import { DEFAULT_TIMING } from '../../../src/datastore/kubernetes/timing.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { RecordingListener } from '../recording-listener.ts';

const { toldAfter, lostAfter } = DEFAULT_TIMING;

test('a server that is silent is told at once, long before the view counts as stale', () => {
  const clock = new VirtualClock();
  const listener = new RecordingListener();
  const state = new SyncState(listener, ['nodes', 'bgppeers'], clock, DEFAULT_TIMING);
  for (const kind of ['nodes', 'bgppeers']) state.current(kind);
  expect(listener.drain()).toEqual(['synchronised']);
  for (const kind of ['nodes', 'bgppeers'])
    state.failed(kind, new ApiFailure('api-unreachable', kind, 'ECONNREFUSED'));
  expect(listener.drain()).toEqual(['disconnected']);
  state.current('nodes');
  state.failed('bgppeers', new ApiFailure('api-busy', 'bgppeers', 'come back later'));
  expect(listener.drain()).toEqual(['connected']);
  state.failed('nodes', new ApiFailure('api-silent', 'nodes', 'no answer'));
  expect(listener.drain()).toEqual(['disconnected']);
  clock.advance(toldAfter);
  state.failed('nodes', new ApiFailure('api-silent', 'nodes', 'no answer'));
  expect(listener.drain()).toEqual([expect.stringMatching(/^problem nodes: .*does not answer/)]);
  expect(state.isLost('nodes')).toBe(false);
  clock.advance(lostAfter);
  state.failed('nodes', new ApiFailure('api-silent', 'nodes', 'no answer'));
  expect(listener.drain()).toEqual(['lost sync']);
  expect(state.isLost('nodes')).toBe(true);
});
