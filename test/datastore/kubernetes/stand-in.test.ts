import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, type Exchange, exchangesOf } from './recordings.ts';
import { StandIn } from './stand-in.ts';
import type { Written } from './stand-in-store.ts';

interface ListPage {
  readonly kind: string;
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly Written[];
}

const nameOf = ({ metadata }: Written): string => metadata.name;

const statusOf = (name: string, code: number): object => {
  const found = exchangesOf(name).find(({ response }) => response?.status === code);
  return JSON.parse(found === undefined ? '{}' : bodyOf(found)) as object;
};

/** The events of a recorded watch, bookmarks apart. */
const eventsOf = (watch: Exchange | undefined): readonly { type: string; object: Written }[] =>
  (watch === undefined ? '' : bodyOf(watch))
    .split('\n')
    .filter((line) => line !== '' && !line.includes('"BOOKMARK"'))
    .map((line) => JSON.parse(line) as { type: string; object: Written });

describe('the stand-in sends what a real API server sent', () => {
  let api: StandIn;

  beforeEach(async () => {
    api = await new StandIn().listen();
  });
  afterEach(() => api.close());

  const ask = async (
    path: string,
    options: RequestInit = {},
  ): Promise<{ status: number; text: string; body: unknown }> => {
    const response = await fetch(api.url + path, options);
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) as unknown };
  };

  test.each([['list-nodes-limit-continue'], ['continue-token-after-compaction']])(
    'in pages of a list: %s',
    async (name) => {
      const pages = exchangesOf(name)
        .filter(({ request }) => request.path.startsWith('/api/v1/nodes?'))
        .map((exchange) => JSON.parse(bodyOf(exchange)) as ListPage);
      for (const item of pages.flatMap(({ items }) => items)) api.store.put('nodes', item);
      for (let i = 0; api.store.list('nodes').length < 5; i++)
        api.store.put('nodes', { metadata: { name: `node-later-${i}` } });
      let next = '';
      for (const page of pages) {
        const { body } = await ask(`/api/v1/nodes?limit=2&continue=${encodeURIComponent(next)}`);
        const sent = body as ListPage;
        expect(sent.kind).toBe(page.kind);
        expect(sent.items.map(nameOf)).toEqual(page.items.map(nameOf));
        expect(Object.keys(sent.metadata)).toEqual(Object.keys(page.metadata));
        expect(sent.metadata.remainingItemCount).toBe(page.metadata.remainingItemCount);
        next = sent.metadata.continue ?? '';
      }
    },
  );

  test('for one name of a list', async () => {
    const recorded = exchangesOf('list-nodes-versions-selectors');
    const [all] = recorded;
    const { items } = JSON.parse(all === undefined ? '{}' : bodyOf(all)) as ListPage;
    for (const item of items) api.store.put('nodes', item);
    const named = recorded.find(({ request }) => request.path.includes('fieldSelector'));
    const { body } = await ask(named?.request.path ?? '');
    const expected = JSON.parse(named === undefined ? '{}' : bodyOf(named)) as ListPage;
    expect((body as ListPage).items.map(nameOf)).toEqual(expected.items.map(nameOf));
  });

  test('for a token that expired, and for a version that is too old', async () => {
    for (const name of ['a', 'b', 'c']) api.store.put('nodes', { metadata: { name } });
    const first = (await ask('/api/v1/nodes?limit=1')).body as ListPage;
    api.store.compact();
    const token = encodeURIComponent(first.metadata.continue ?? '');
    const sent = await ask(`/api/v1/nodes?limit=1&continue=${token}`);
    const said = statusOf('continue-token-expired', 410);
    expect(sent).toMatchObject({ status: 410, body: { ...said, metadata: {} } });
    const watched = await ask('/api/v1/nodes?watch=true&resourceVersion=1');
    const numbers = /\d+ \(\d+\)/;
    for (const watch of [
      exchangesOf('watch-too-old-after-restart')[1],
      exchangesOf('watch-odd-versions')[1],
    ])
      expect(JSON.stringify(watched.body).replace(numbers, '')).toBe(
        (watch === undefined ? '' : bodyOf(watch)).trim().replace(numbers, ''),
      );
  });

  test.each([
    ['watch-bgppeers-events', 0],
    ['watch-blockaffinities-events', 0],
    ['watch-nodes-events-bookmark-timeout', 0],
    ['watch-services-endpointslices', 0],
    ['watch-services-endpointslices', 1],
  ])('in a watch: %s, %i', async (name, index) => {
    const watch = exchangesOf(name)[index];
    const recorded = eventsOf(watch);
    const { pathname } = new URL(watch?.request.path ?? '/', api.url);
    const plural = pathname.split('/').at(-1) ?? '';
    const added = new Set(recorded.flatMap((at) => (at.type === 'ADDED' ? nameOf(at.object) : [])));
    for (const { object } of recorded)
      if (!added.has(nameOf(object))) api.store.put(plural, object);
    const from = api.store.version;
    for (const { type, object } of recorded)
      if (type === 'DELETED') api.store.delete(plural, nameOf(object));
      else api.store.put(plural, object);
    const response = await fetch(`${api.url}${pathname}?watch=true&resourceVersion=${from}`);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.split('\n').length > recorded.length) break;
    }
    const sent = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: Written });
    const shapeOf = ({ type, object }: (typeof recorded)[0]) => [
      type,
      nameOf(object),
      object['kind'],
      object['spec'],
      object['endpoints'],
    ];
    expect(sent.map(shapeOf)).toEqual(recorded.map(shapeOf));
  });

  test('for a stranger', async () => {
    api.token = 'right';
    const headers = { authorization: 'Bearer wrong' };
    const { status, body } = await ask('/api/v1/nodes', { headers });
    expect(status).toBe(401);
    expect(body).toEqual(statusOf('forbidden-and-unauthorized', 401));
  });

  test('for a kind that it does not have', async () => {
    const missing = exchangesOf('list-calico-resources').filter(
      ({ response }) => response?.status === 404,
    );
    api.groups = [];
    const response = await fetch(`${api.url}/apis/crd.projectcalico.org/v1/bgppeers`);
    const sent = await response.text();
    expect(response.status).toBe(404);
    expect(missing.map(bodyOf)).toContain(sent);
  });

  test('for a status that somebody else was faster to write', async () => {
    const place = '/apis/crd.projectcalico.org/v1/caliconodestatuses/node-1-status';
    const [created, written, conflict] = exchangesOf('status-update-conflict');
    const object = JSON.parse(created === undefined ? '{}' : bodyOf(created)) as Written;
    api.store.put('caliconodestatuses', object);
    const { body } = await ask(place);
    const put = { method: 'PUT', body: JSON.stringify({ ...(body as object), status: { a: 1 } }) };
    expect((await ask(`${place}/status`, put)).status).toBe(written?.response?.status);
    const again = await ask(`${place}/status`, put);
    expect(again.status).toBe(conflict?.response?.status);
    expect(again.body).toMatchObject(withoutDetails(statusOf('status-update-conflict', 409)));
  });

  test('for an object that is not there', async () => {
    const { status, body } = await ask('/apis/crd.projectcalico.org/v1/bgppeers/nosuch');
    expect(status).toBe(404);
    expect(body).toMatchObject(withoutDetails(statusOf('invalid-writes', 404)));
  });
});

/** Nobody reads the parts that a message is made of. */
function withoutDetails(said: object): object {
  return Object.fromEntries(Object.entries(said).filter(([name]) => name !== 'details'));
}
