import { isObject } from '../resources/schema.ts';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { ApiFailure } from './failure.ts';

export interface Listing<T> {
  readonly objects: readonly T[];
  /** The version to watch from. */
  readonly version: string;
}

interface Page extends Listing<unknown> {
  /** Token of the next page. */
  readonly next: string;
}

const PAGE = 250;

/**
 * Lists everything below a path, page by page; `take` makes of each object what is kept, so that only
 * one page is ever held as it came. A list that expires between two pages is read anew in one piece.
 */
export async function listAll<T>(
  client: ApiClient,
  request: ApiRequest,
  take: (object: unknown) => T,
): Promise<Listing<T>> {
  const objects: T[] = [];
  for (let next = ''; ; ) {
    const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const page = await readPage(client, request, `limit=${PAGE}${more}`).catch((error) => {
      if (next === '' || !(error instanceof ApiFailure) || !isStaleToken(error)) throw error;
      objects.length = 0;
      return readPage(client, request, '');
    });
    for (const object of page.objects) objects.push(take(object));
    if (page.next === '') return { objects, version: page.version };
    next = page.next;
  }
}

/** A path with more of a query, which may be empty. */
export const withQuery = (path: string, query: string): string =>
  query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;

const isStaleToken = ({ code }: ApiFailure): boolean => code === 'api-expired';

async function readPage(client: ApiClient, request: ApiRequest, query: string): Promise<Page> {
  const list = await client.json({ ...request, path: withQuery(request.path, query) });
  const { items, metadata } = isObject(list) ? list : {};
  const { resourceVersion, continue: next } = isObject(metadata) ? metadata : {};
  if (!Array.isArray(items) && items !== null && items !== undefined) throw noList(request);
  if (typeof resourceVersion !== 'string' || resourceVersion === '') throw noList(request);
  return {
    objects: items ?? [],
    version: resourceVersion,
    next: typeof next === 'string' ? next : '',
  };
}

const noList = ({ subject }: ApiRequest): ApiFailure =>
  new ApiFailure('api-not-json', subject, 'it is no list');
