import type { Agent } from '../agent/agent.ts';
import { gauge } from './metric.ts';
import type { MetricFamily } from './view.ts';

/** What an agent knows of its datastore, and how far the configuration follows it. */
export function* agentMetrics({ status }: Agent): Generator<MetricFamily> {
  const { inSync, connected, lastSync, stale, held, problems, unreadable } = status;
  yield gauge('bengal_datastore_in_sync', '1 while the view of the datastore is whole.', [
    { value: Number(inSync) },
  ]);
  yield gauge('bengal_datastore_connected', '1 while the datastore answers.', [
    { value: Number(connected) },
  ]);
  yield gauge(
    'bengal_datastore_last_sync_timestamp_seconds',
    'When the view that is in force was whole; absent before the first.',
    lastSync === undefined ? [] : [{ value: lastSync / 1000 }],
  );
  yield gauge('bengal_config_stale', '1 while what is in force is not what the datastore holds.', [
    { value: Number(stale !== undefined) },
  ]);
  yield gauge('bengal_deletions_held', 'Vanished objects that the mass-deletion guard keeps.', [
    { value: held?.objects.length ?? 0 },
  ]);
  yield gauge('bengal_resource_problems', 'Objects or fields taken as absent.', [
    { value: problems.length + unreadable.length },
  ]);
}
