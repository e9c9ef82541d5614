import { describe, expect, test } from 'vitest';
import { asStored } from '../../../src/datastore/kubernetes/as-stored.ts';
import {
  WATCHED_KINDS,
  type WatchedKind,
  watchedKindOf,
} from '../../../src/datastore/kubernetes/kinds.ts';
import { LineSplitter } from '../../../src/datastore/kubernetes/lines.ts';
import { failureOfAnswer } from '../../../src/datastore/kubernetes/refusal.ts';
import { readWatchEvent } from '../../../src/datastore/kubernetes/watch-event.ts';
import { readResource } from '../../../src/datastore/resources/read.ts';
import { bodyOf, type Exchange, exchangesOf } from './recordings.ts';

const KINDS = [
  ...WATCHED_KINDS,
  watchedKindOf({ kind: 'Service' }),
  watchedKindOf({ kind: 'EndpointSlice' }),
];

const kindOf = (plural: string): WatchedKind => {
  const kind = KINDS.find(({ id }) => id === plural);
  if (kind === undefined) throw new Error(`no kind ${plural}`);
  return kind;
};

const pluralOf = ({ request }: Exchange): string => /\/v1\/([a-z]+)/.exec(request.path)?.[1] ?? '';

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

  test.each([
    ['watch-bgppeers-events', 1],
    ['watch-blockaffinities-events', 1],
    ['watch-services-endpointslices', 2],
  ])('%s is understood', (name, watches) => {
    for (const watch of exchangesOf(name).slice(0, watches)) {
      const events = eventsOf(watch).filter(({ type }) => type !== 'bookmark');
      expect(events.at(0)?.type).toBe('put');
      expect(events.at(-1)?.type).toBe('delete');
      const plural = pluralOf(watch);
      for (const event of events) {
        const taken = asStored(kindOf(plural), 'object' in event ? event.object : undefined);
        expect(taken.resource?.kind).toBe(kindOf(plural).kind);
        expect(taken.resource && readResource(taken.resource).problems).toEqual([]);
      }
    }
  });

  test.each(['watch-nodes-events-bookmark-timeout', 'watch-services-endpointslices'])(
    'in %s has versions that only grow',
    (name) => {
      for (const watch of exchangesOf(name).filter(({ request }) =>
        /watch=true/.test(request.path),
      )) {
        const versions = eventsOf(watch).map(({ version }) => Number(version));
        expect(versions.length).toBeGreaterThan(5);
        expect(versions).toEqual([...versions].sort((x, y) => x - y));
      }
    },
  );

  test('before a list was asked for is understood, too', () => {
    const [nodes, peers] = exchangesOf('watch-send-initial-events');
    expect(eventsOf(nodes).map(({ type }) => type)).toEqual([
      ...['put', 'put', 'put', 'put', 'put'],
      'bookmark',
    ]);
    expect(eventsOf(peers).map(({ type }) => type)).toEqual(['put', 'put', 'put', 'bookmark']);
  });

  test('for versions that are odd is a replay, a failure or silence', () => {
    const [replay, tooOld, , future] = exchangesOf('watch-odd-versions');
    expect(eventsOf(replay).length).toBeGreaterThan(30);
    expect(() => eventsOf(tooOld)).toThrow(expect.objectContaining({ code: 'api-expired' }));
    expect(eventsOf(future)).toEqual([]);
  });

  test('of objects of all kinds can be derived from', () => {
    const lists = exchangesOf('list-calico-resources').filter(
      ({ request, response }) =>
        response?.status === 200 &&
        /\/(?:ippools|bgp[a-z]+|blockaffinities)(?:\?|$)/.test(request.path),
    );
    const taken = lists.flatMap((exchange) => {
      const plural = pluralOf(exchange);
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
    ['list-nodes-versions-selectors', 504, 'api-busy', 1000],
    ['list-bad-continue-and-metadata-only', 400, 'api-refused', undefined],
    ['watch-odd-versions', 500, 'api-busy', undefined],
    ['watch-send-initial-events', 422, 'api-refused', undefined],
    ['status-update-conflict', 409, 'api-conflict', undefined],
    ['invalid-writes', 400, 'api-refused', undefined],
    ['invalid-writes', 404, 'api-kind-missing', undefined],
    ['invalid-writes', 415, 'api-refused', undefined],
    ['invalid-writes', 422, 'api-refused', undefined],
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
