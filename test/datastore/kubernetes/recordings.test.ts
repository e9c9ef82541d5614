import { describe, expect, test } from 'vitest';
import { asStored } from '../../../src/datastore/kubernetes/as-stored.ts';
import { WATCHED_KINDS, type WatchedKind } from '../../../src/datastore/kubernetes/kinds.ts';
import { LineSplitter } from '../../../src/datastore/kubernetes/lines.ts';
import { failureOfAnswer } from '../../../src/datastore/kubernetes/refusal.ts';
import { readWatchEvent } from '../../../src/datastore/kubernetes/watch-event.ts';
import { readResource } from '../../../src/datastore/resources/read.ts';
import { bodyOf, type Exchange, exchangesOf } from './recordings.ts';
import { StandIn } from './stand-in.ts';
import type { Written } from './stand-in-store.ts';

const kindOf = (plural: string): WatchedKind => {
  const kind = WATCHED_KINDS.find(({ id }) => id === plural);
  if (kind === undefined) throw new Error(`no kind ${plural}`);
  return kind;
};

const [watchOfNodes] = exchangesOf('watch-nodes-events-bookmark-timeout');
const linesOf = ({ response }: Exchange): readonly string[] => {
  const lines = new LineSplitter();
  return (response?.chunks ?? []).flatMap(({ text }) => lines.take(Buffer.from(text)));
};
const eventsOf = (exchange: Exchange | undefined): ReturnType<typeof readWatchEvent>[] =>
  exchange === undefined ? [] : linesOf(exchange).map((line) => readWatchEvent(line, 'x'));

describe('what a real API server sent', () => {
  test('in a watch of Nodes is understood, however it was cut into pieces', () => {
    const events = eventsOf(watchOfNodes);
    expect(events.map(({ type }) => type)).toEqual([
      ...['put', 'put', 'put', 'delete', 'put'],
      ...['bookmark', 'bookmark'],
    ]);
    expect(events.map(({ version }) => version)).toEqual([
      ...['529', '530', '531', '532', '533', '533', '533'],
    ]);
    const [first] = events;
    const { resource } = asStored(kindOf('nodes'), first && 'object' in first ? first.object : {});
    expect(resource).toMatchObject({ apiVersion: 'v1', kind: 'Node' });
    expect(resource?.status).toBeUndefined();
    expect(resource?.spec).toEqual({ podCIDR: '10.245.3.0/24', podCIDRs: ['10.245.3.0/24'] });
    expect(resource && readResource(resource).view).toMatchObject({ name: 'node-4' });
  });

  test.each(['watch-bgppeers-events', 'watch-blockaffinities-events'])(
    '%s is understood',
    (name) => {
      const [watch] = exchangesOf(name);
      const events = eventsOf(watch).filter(({ type }) => type !== 'bookmark');
      expect(events.at(0)?.type).toBe('put');
      expect(events.at(-1)?.type).toBe('delete');
      const plural = /v1\/([a-z]+)/.exec(watch?.request.path ?? '')?.[1] ?? '';
      for (const event of events) {
        const taken = asStored(kindOf(plural), 'object' in event ? event.object : undefined);
        expect(taken.resource && readResource(taken.resource).problems).toEqual([]);
      }
    },
  );

  test('of objects of all kinds can be derived from', () => {
    const lists = exchangesOf('list-calico-resources').filter(
      ({ request, response }) =>
        response?.status === 200 &&
        /\/(?:ippools|bgp[a-z]+|blockaffinities)(?:\?|$)/.test(request.path),
    );
    const taken = lists.flatMap((exchange) => {
      const plural = /v1\/([a-z]+)/.exec(exchange.request.path)?.[1] ?? '';
      const { items } = JSON.parse(bodyOf(exchange)) as { items: unknown[] };
      return items.map((item) => asStored(kindOf(plural), item));
    });
    expect(taken.length).toBeGreaterThan(10);
    for (const { resource } of taken) {
      expect(resource?.apiVersion).toBe('projectcalico.org/v3');
      expect(resource && readResource(resource).view?.kind).toBe(resource?.kind);
    }
  });

  test.each([
    ['forbidden-and-unauthorized', 403, 'api-forbidden', undefined],
    ['forbidden-and-unauthorized', 401, 'api-unauthorized', undefined],
    ['restart-of-the-server', 503, 'api-busy', 5000],
    ['restart-of-the-server', 429, 'api-busy', 1000],
    ['continue-token-expired', 410, 'api-expired', undefined],
    ['list-calico-resources', 404, 'api-kind-missing', undefined],
  ])('%s: %i is %s', (name, status, code, retryAfter) => {
    const found = exchangesOf(name).filter(({ response }) => response?.status === status);
    expect(found.length).toBeGreaterThan(0);
    for (const exchange of found) {
      const { headers = {} } = exchange.response ?? {};
      const [type, after] = [headers['content-type'] ?? '', headers['retry-after']];
      const answer = { status, type, retryAfter: after, body: bodyOf(exchange) };
      expect(failureOfAnswer(answer, 'server', 'x')).toMatchObject({ code, retryAfter });
    }
  });

  test('instead of an event is an error that says what it means', () => {
    const lines = exchangesOf('watch-too-old-after-restart').slice(0, 2).flatMap(linesOf);
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(() => readWatchEvent(line, 'nodes')).toThrow(
        expect.objectContaining({ code: 'api-expired', where: 'nodes' }),
      );
  });
});

describe('the stand-in sends what a real API server sent', () => {
  const ask = async (api: StandIn, path: string): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(api.url + path);
    return { status: response.status, body: JSON.parse(await response.text()) as unknown };
  };

  test('in pages of a list', async () => {
    const api = await new StandIn().listen();
    const pages = exchangesOf('list-nodes-limit-continue').map(
      (exchange) => JSON.parse(bodyOf(exchange)) as ListPage,
    );
    for (const item of pages.flatMap(({ items }) => items)) api.store.put('nodes', item);
    let next = '';
    for (const page of pages) {
      const { body } = await ask(api, `/api/v1/nodes?limit=2&continue=${encodeURIComponent(next)}`);
      const sent = body as ListPage;
      expect(sent.kind).toBe(page.kind);
      expect(sent.items.map(nameOf)).toEqual(page.items.map(nameOf));
      expect(Object.keys(sent.metadata)).toEqual(Object.keys(page.metadata));
      expect(sent.metadata.remainingItemCount).toBe(page.metadata.remainingItemCount);
      next = sent.metadata.continue ?? '';
    }
    await api.close();
  });

  test('for a token that expired, and for a version that is too old', async () => {
    const api = await new StandIn().listen();
    for (const name of ['a', 'b', 'c']) api.store.put('nodes', { metadata: { name } });
    const first = (await ask(api, '/api/v1/nodes?limit=1')).body as ListPage;
    api.store.compact();
    const token = encodeURIComponent(first.metadata.continue ?? '');
    const sent = await ask(api, `/api/v1/nodes?limit=1&continue=${token}`);
    const recorded = exchangesOf('continue-token-expired').find(
      ({ response }) => response?.status === 410,
    );
    const said = JSON.parse(recorded === undefined ? '{}' : bodyOf(recorded)) as object;
    expect(sent).toMatchObject({ status: 410, body: { ...said, metadata: {} } });
    const watched = await ask(api, '/api/v1/nodes?watch=true&resourceVersion=1');
    const [, watch] = exchangesOf('watch-too-old-after-restart');
    const numbers = /\d+ \(\d+\)/;
    expect(JSON.stringify(watched.body).replace(numbers, '')).toBe(
      (watch === undefined ? '' : bodyOf(watch)).trim().replace(numbers, ''),
    );
    await api.close();
  });
});

interface ListPage {
  readonly kind: string;
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly Written[];
}

const nameOf = ({ metadata }: Written): string => metadata.name;
