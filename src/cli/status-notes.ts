import type { SpeakerStatus } from '../server/view.ts';

/** What a person should know before reading on: a stale configuration, deletions held back. */
export function statusNotes({ datastore, heldDeletions }: SpeakerStatus): readonly string[] {
  const { stale, lastSync } = datastore ?? {};
  const since = lastSync === undefined ? '' : `, in force is its state of ${lastSync}`;
  return [
    ...(stale === undefined ? [] : [`stale configuration: ${stale}${since}`]),
    ...(heldDeletions === undefined
      ? []
      : [
          `mass deletion held back: ${heldDeletions.reason}, ${heldDeletions.count} objects stay in force ` +
            'until they return, or bengal accept-deletion',
        ]),
  ];
}
