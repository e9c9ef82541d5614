import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Management } from '../../src/server/management.ts';
import { FakeControl } from './fake-control.ts';
import { FakeView, fakePeer } from './fake-view.ts';
import { type Answer, ask, openTestManagement, scratchDirectory } from './scratch.ts';

const PEER = 'Mesh_10_0_0_2';

let scratch: ReturnType<typeof scratchDirectory>;
let management: Management;
let control: FakeControl;
let view: FakeView;
let socket: string;

beforeEach(async () => {
  scratch = scratchDirectory();
  socket = path.join(scratch.path, 'node.sock');
  management = await openTestManagement({ socket: { path: socket, explicit: true } });
  control = new FakeControl();
  view = new FakeView();
  management.serve(view, control);
});

afterEach(() => {
  management.close();
  scratch.remove();
});

const post = (target: string): Promise<Answer> => ask(socket, target, { method: 'POST' });
const errorOf = ({ body }: Answer): { code: string; message: string } => JSON.parse(body).error;

describe('clear', () => {
  test.each([
    ['peer=10.0.0.2', `clear ${PEER} hard`],
    ['peer=10.0.0.2&text=new%20cable', `clear ${PEER} hard new cable`],
    [`peer=${PEER}&soft=in`, `clear ${PEER} in`],
    [`peer=${PEER}&soft=out`, `clear ${PEER} out`],
  ])('%s', async (query, asked) => {
    const answer = await post(`/api/v1/clear?${query}`);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { done: 'begun' }]);
    expect(control.asked).toEqual([asked]);
  });

  test.each([
    ['', 400, 'parameter peer is missing'],
    ['peer=10.0.0.2&soft=both', 400, 'neither in nor out'],
    ['peer=10.0.0.77', 404, 'no peer has the name or address 10.0.0.77'],
    ['peer=10.0.0.2&hard', 400, 'known are: peer, soft, text'],
    [`peer=10.0.0.2&text=${'x'.repeat(256)}`, 400, 'longer than 255 octets'],
  ])('%s is refused', async (query, status, message) => {
    const answer = await post(`/api/v1/clear?${query}`);
    expect(answer.status).toBe(status);
    expect(errorOf(answer).message).toContain(message);
    expect(control.asked).toEqual([]);
  });

  test('of an address that several peers have asks which', async () => {
    view.peerRows.push(fakePeer('Node_10_0_0_2', '10.0.0.2'));
    expect((await post('/api/v1/clear?peer=10.0.0.2')).status).toBe(409);
  });

  test('says why it cannot be done now', async () => {
    control.outcome = { refused: 'the peer is Active' };
    const answer = await post(`/api/v1/clear?peer=${PEER}&soft=in`);
    expect([answer.status, errorOf(answer).message]).toEqual([412, 'the peer is Active']);
  });
});

describe('drain', () => {
  test('begins with the time that peers have', async () => {
    expect((await post('/api/v1/drain?wait=30&text=upgrade')).status).toBe(200);
    expect(control.asked).toEqual(['drain 30 upgrade']);
  });

  test('is taken back', async () => {
    expect((await post('/api/v1/drain?cancel=true')).status).toBe(200);
    expect(control.asked).toEqual(['cancel drain']);
  });

  test.each(['', 'wait=soon', 'wait=-1', 'wait=100000', 'cancel=yes', 'cancel=true&wait=3'])(
    '%j is refused',
    async (query) => {
      expect((await post(`/api/v1/drain?${query}`)).status).toBe(400);
      expect(control.asked).toEqual([]);
    },
  );
});

test('nothing is changed over TCP', async () => {
  const target = `/api/v1/clear?peer=${PEER}`;
  const answer = await ask(management.status.http ?? '', target, { method: 'POST' });
  expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
  expect(errorOf(answer).message).toContain('control socket');
  expect(control.asked).toEqual([]);
});

test('nothing is changed by a GET, and what cannot be changed is said', async () => {
  expect((await ask(socket, `/api/v1/clear?peer=${PEER}`)).status).toBe(404);
  expect(errorOf(await post('/api/v1/peers')).message).toContain('/api/v1/clear');
  expect((await ask(socket, '/livez', { method: 'PUT' })).headers['allow']).toBe('GET, HEAD, POST');
});

test('nothing is changed while the daemon starts', async () => {
  const other = path.join(scratch.path, 'starting.sock');
  const starting = await openTestManagement({ socket: { path: other, explicit: true } });
  const answer = await ask(other, `/api/v1/clear?peer=${PEER}`, { method: 'POST' });
  expect(errorOf(answer).code).toBe('starting');
  starting.close();
});

describe('accept-deletion', () => {
  test('says what was done to which objects', async () => {
    control.outcome = { done: 'one object counts as deleted now', objects: ['Node//a'] };
    const answer = await post('/api/v1/accept-deletion');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(control.outcome);
  });

  test('that is refused is forbidden', async () => {
    control.outcome = { refused: 'the datastore is not in sync' };
    const answer = await post('/api/v1/accept-deletion');
    expect([answer.status, errorOf(answer).code]).toEqual([403, 'refused']);
  });
});
