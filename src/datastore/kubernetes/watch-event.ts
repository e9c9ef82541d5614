import { isObject } from '../resources/schema.ts';
import { ApiFailure } from './failure.ts';
import { excerpt, failureOfStatus, readStatus } from './refusal.ts';

/** One line of a watch. */
export type WatchEvent =
  | { readonly type: 'put' | 'delete'; readonly object: unknown; readonly version: string }
  | { readonly type: 'bookmark'; readonly version: string };

/** Reads one line of a watch. Throws an ApiFailure for an ERROR event and for what is no event. */
export function readWatchEvent(line: string, subject: string): WatchEvent {
  const event = parse(line, subject);
  const { type, object } = isObject(event) ? event : {};
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'put', object, version: versionOf(object, subject) };
    case 'DELETED':
      return { type: 'delete', object, version: versionOf(object, subject) };
    case 'BOOKMARK':
      return { type: 'bookmark', version: versionOf(object, subject) };
    case 'ERROR':
      throw failureOfStatus(readStatus(object) ?? { code: undefined, message: '' }, subject);
    default:
      throw new ApiFailure('api-not-json', subject, excerpt(line));
  }
}

function parse(line: string, subject: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ApiFailure('api-not-json', subject, excerpt(line), { cause });
  }
}

function versionOf(object: unknown, subject: string): string {
  const metadata = isObject(object) ? object['metadata'] : undefined;
  const version = isObject(metadata) ? metadata['resourceVersion'] : undefined;
  if (typeof version === 'string' && version !== '') return version;
  throw new ApiFailure('api-not-json', subject, 'an event has no version');
}
