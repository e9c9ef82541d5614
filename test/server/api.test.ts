import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Management } from '../../src/server/management.ts';
import type { RouteRow } from '../../src/server/view.ts';
import { FakeView, fakePeer, fakeRoute } from './fake-view.ts';
import { type Answer, type Ask, ask, openTestManagement } from './scratch.ts';

let management: Management;
let view: FakeView;

beforeEach(async () => {
  management = await openTestManagement();
  view = new FakeView();
  management.serve(view);
});

afterEach(() => management.close());

const get = (target: string, options?: Ask): Promise<Answer> =>
  ask(management.status.http ?? '', target, options);

const errorOf = ({ body }: Answer): { code: string; message: string } => JSON.parse(body).error;

describe('probes', () => {
  test('/livez answers while the loop turns', async () => {
    expect(await get('/livez')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  test('/readyz is short when ready, and lists its checks when asked', async () => {
    view.ready = { ready: true, checks: [{ name: 'in-sync', ok: true, message: 'since 12:00' }] };
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    expect((await get('/readyz?verbose')).body).toBe('[+]in-sync: since 12:00\nready\n');
  });

  test('/readyz says what it waits for', async () => {
    const checks = [
      { name: 'config', ok: true, message: 'applied' },
      { name: 'end-of-rib', ok: false, message: 'waits for Mesh_10_0_0_2' },
    ];
    view.ready = { ready: false, checks };
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: '[+]config: applied\n[-]end-of-rib: waits for Mesh_10_0_0_2\nnot ready\n',
    });
  });

  test('a daemon that is starting is alive, not ready, and says so', async () => {
    const starting = await openTestManagement();
    const place = starting.status.http ?? '';
    expect((await ask(place, '/livez')).status).toBe(200);
    expect((await ask(place, '/readyz')).status).toBe(503);
    const answer = await ask(place, '/api/v1/peers');
    expect(answer.status).toBe(503);
    expect(errorOf(answer).code).toBe('starting');
    starting.close();
  });
});

describe('/api/v1', () => {
  test('status tells where management listens, beside what the daemon says', async () => {
    const answer = await get('/api/v1/status');
    expect(answer.type).toContain('application/json');
    expect(JSON.parse(answer.body)).toMatchObject({
      name: 'worker-1',
      management: { http: management.status.http, warnings: [] },
    });
  });

  test('config is what is in force', async () => {
    expect(JSON.parse((await get('/api/v1/config')).body)).toEqual(view.config());
  });

  test('peers are all of them, or the one that is named or addressed', async () => {
    expect(JSON.parse((await get('/api/v1/peers')).body)).toEqual({ peers: view.peerRows });
    for (const name of ['Node_10_0_0_3', '10.0.0.3']) {
      const { body } = await get(`/api/v1/peers?peer=${name}`);
      expect(JSON.parse(body)).toEqual({ peers: [view.peerRows[1]] });
    }
  });

  test('an address of two peers is an error that lists their names', async () => {
    view.peerRows.push(fakePeer('Global_10_0_0_3', '10.0.0.3'));
    const answer = await get('/api/v1/peers?peer=10.0.0.3');
    expect(answer.status).toBe(409);
    expect(errorOf(answer).message).toContain('Node_10_0_0_3, Global_10_0_0_3');
    expect((await get('/api/v1/peers?peer=Global_10_0_0_3')).status).toBe(200);
  });

  test('a peer is found by any spelling of its IPv6 address', async () => {
    view.peerRows.push(fakePeer('Mesh_v6', '2001:db8::1'));
    expect((await get('/api/v1/peers?peer=2001:DB8:0::1')).status).toBe(200);
  });

  test('an unknown peer is not found', async () => {
    const answer = await get('/api/v1/routes?in=10.9.9.9');
    expect(answer.status).toBe(404);
    expect(errorOf(answer).code).toBe('unknown-peer');
  });

  test('routes pass their query on', async () => {
    await get('/api/v1/routes');
    await get('/api/v1/routes?in=10.0.0.2&filtered');
    await get('/api/v1/routes?out=Node_10_0_0_3&prefix=10.1.0.7/26&filtered=false');
    expect(view.queries).toEqual([
      { view: 'table', peer: undefined, filtered: false, prefix: undefined },
      { view: 'in', peer: 'Mesh_10_0_0_2', filtered: true, prefix: undefined },
      {
        view: 'out',
        peer: 'Node_10_0_0_3',
        filtered: false,
        prefix: { address: Uint8Array.of(10, 1, 0, 0), length: 26 },
      },
    ]);
  });

  test('routes are one JSON document, or one object a line on request', async () => {
    const rows = [...view.routeRows];
    expect(JSON.parse((await get('/api/v1/routes')).body)).toEqual({ routes: rows });
    const lines = await get('/api/v1/routes', { accept: 'application/x-ndjson' });
    expect(lines.type).toContain('application/x-ndjson');
    expect(
      lines.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
  });

  test('no routes are an empty list', async () => {
    view.routeRows = [];
    expect(JSON.parse((await get('/api/v1/routes')).body)).toEqual({ routes: [] });
  });

  test('a limit ends the table early', async () => {
    const { body } = await get('/api/v1/routes?limit=1');
    expect(JSON.parse(body).routes).toHaveLength(1);
  });

  test.each([
    ['in=10.0.0.2&out=10.0.0.3', 'bad-parameter'],
    ['limit=0', 'bad-parameter'],
    ['limit=1e9', 'bad-parameter'],
    ['prefix=10.1.0.0/33', 'bad-parameter'],
    ['prefix=', 'bad-parameter'],
    ['perfix=10.1.0.0/26', 'unknown-parameter'],
    ['__proto__=1', 'unknown-parameter'],
  ])('a query of %s is refused', async (query, code) => {
    const answer = await get(`/api/v1/routes?${query}`);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).toBe(code);
    expect(view.queries).toEqual([]);
  });

  test('others are served while a big table is on its way', async () => {
    let made = 0;
    let served = false;
    view.routeRows = {
      *[Symbol.iterator](): Generator<RouteRow> {
        while (!served) yield fakeRoute(`10.0.0.0/${made++ % 33}`);
      },
    };
    const big = get('/api/v1/routes', { accept: 'application/x-ndjson' });
    await expect.poll(() => made).toBeGreaterThan(0);
    expect((await get('/livez')).status).toBe(200);
    served = true;
    expect((await big).body.trimEnd().split('\n')).toHaveLength(made);
  });

  test('a client that leaves stops the work for it', async () => {
    let ended = false;
    view.routeRows = {
      *[Symbol.iterator](): Generator<RouteRow> {
        try {
          for (;;) yield fakeRoute('10.0.0.0/32');
        } finally {
          ended = true;
        }
      },
    };
    const place = `http://${management.status.http}/api/v1/routes`;
    const answer = await fetch(place);
    await answer.body?.cancel();
    await expect.poll(() => ended).toBe(true);
  });

  test('a view that fails ends the answer, not the server', async () => {
    view.routeRows = {
      *[Symbol.iterator](): Generator<RouteRow> {
        yield fakeRoute('10.0.0.0/32');
        throw new Error('the table is broken');
      },
    };
    await expect(get('/api/v1/routes')).rejects.toThrow();
    expect((await get('/livez')).status).toBe(200);
  });
});

describe('other requests', () => {
  test.each(['/', '/api', '/api/v2/peers', '/livez/', '/../etc/passwd', '/__proto__'])(
    'nothing is found at %s',
    async (target) => {
      const answer = await get(target);
      expect(answer.status).toBe(404);
      expect(errorOf(answer).code).toBe('not-found');
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not allowed', async (method) => {
    const answer = await get('/api/v1/peers', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expect(errorOf(answer).code).toBe('method-not-allowed');
  });

  test('HEAD has the headers and no body', async () => {
    expect(await get('/livez', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test('a body is refused', async () => {
    const answer = await get('/api/v1/peers', { body: 'x'.repeat(100) });
    expect(answer.status).toBe(413);
  });

  test('a target that is no path is refused', async () => {
    expect((await get('*', { method: 'GET' })).status).toBe(400);
  });
});

describe('/metrics', () => {
  test('is Prometheus text with the view and the process', async () => {
    view.metricFamilies = [
      {
        name: 'bengal_peer_up',
        type: 'gauge',
        help: 'Whether a session is Established.',
        samples: [{ labels: { peer: 'Mesh_10_0_0_2' }, value: 1 }],
      },
    ];
    const { body, type } = await get('/metrics');
    expect(type).toContain('version=0.0.4');
    expect(body).toContain(
      '# HELP bengal_peer_up Whether a session is Established.\n# TYPE bengal_peer_up gauge\n' +
        'bengal_peer_up{peer="Mesh_10_0_0_2"} 1\n',
    );
    expect(body).toMatch(/^bengal_event_loop_lag_seconds_count \d+$/m);
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
  });
});
