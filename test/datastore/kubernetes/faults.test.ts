import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { type Answer, StandIn, status } from './stand-in.ts';
import { temporaryFile } from './temporary-file.ts';
import { GENEROUS, node, peer, World } from './world.ts';

const json = (code: number, reason: string, message: string, retryAfter?: number): Answer => ({
  status: code,
  body: status(code, reason, message),
  ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
});

const FORBIDDEN = json(403, 'Forbidden', 'bgppeers is forbidden: User "weak" cannot list');

describe('an API server', () => {
  const world = new World();

  test('that cuts connections loses no change and is no loss of sync', async () => {
    await world.start();
    await world.watching();
    world.api.cut();
    world.api.store.put('bgppeers', peer('tor', 65002));
    world.api.store.delete('nodes', 'a');
    await world.told('delete Node//a');
    await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65002);
    expect(world.listener.count('lost sync')).toBe(0);
    expect(world.api.requests.filter((path) => path.includes('limit='))).toHaveLength(6);
  });

  test('that forgot the version of a watch is listed anew, and what is gone is deleted', async () => {
    await world.start();
    await world.watching();
    world.api.cut();
    world.api.store.delete('bgppeers', 'tor');
    world.api.store.put('bgppeers', peer('new', 65009));
    world.api.store.compact();
    await world.told('delete BGPPeer//tor');
    await world.told('put BGPPeer//new');
    expect(world.listener.count('lost sync')).toBe(0);
  });

  test('that is away is waited for; everything stays in force until it is back', async () => {
    await world.start();
    await world.watching();
    const { port } = world.api;
    await world.api.close();
    await world.told('lost sync');
    const problem = new RegExp(
      `^problem http://127.0.0.1:${port}: the API server cannot be reached`,
    );
    expect(world.listener.all().filter((line) => problem.test(line))).toHaveLength(1);
    expect(world.listener.all().some((line) => line.startsWith('delete'))).toBe(false);
    world.api = new StandIn();
    world.api.store.put('bgppeers', peer('tor', 65007));
    await world.api.listen(port);
    await world.told('synchronised', 2);
    expect(world.listener.count(`resolved http://127.0.0.1:${port}`)).toBe(1);
    expect(world.asnOf('tor')).toBe(65007);
    expect(world.listener.objects.has('Node//a')).toBe(false);
  });

  test('that is away for a while is a problem, but the view stands and goes on where it was', async () => {
    await world.start({ timing: { toldAfter: 50, lostAfter: 3_600_000 } });
    await world.watching();
    const { port, store } = world.api;
    await world.api.close();
    await world.told(/cannot be reached/);
    world.api = new StandIn(store);
    store.put('bgppeers', peer('tor', 65007));
    await world.api.listen(port);
    await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65007);
    await world.told(`resolved http://127.0.0.1:${port}`);
    expect(world.listener.count('lost sync')).toBe(0);
    expect(world.api.requests.filter((path) => path.includes('limit='))).toEqual([]);
  });

  test('that is away at the start is waited for', async () => {
    const { port } = world.api;
    await world.api.close();
    world
      .open({ access: fileAccess({ server: `http://127.0.0.1:${port}` }) })
      .start(world.listener);
    await world.told(/cannot be reached/);
    world.api = await new StandIn().listen(port);
    await world.told('synchronised');
    expect(world.listener.count('lost sync')).toBe(0);
  });

  test.each([
    [429, 'TooManyRequests', 'storage is (re)initializing', 1],
    [503, 'ServiceUnavailable', 'the request has been made before', 5],
  ])(
    'that answers %i is left alone for as long as it asks',
    async (code, reason, text, seconds) => {
      world.api.answers.set('*', json(code, reason, text, seconds));
      world.open().start(world.listener);
      await world.told(/asks to come back later/);
      world.api.answers.clear();
      await world.told('synchronised');
      expect(world.clock.pauses.length).toBeGreaterThan(0);
      expect(Math.min(...world.clock.pauses)).toBeGreaterThanOrEqual(seconds * 1000);
    },
  );

  test('is asked less and less often while it fails', async () => {
    world.api.answers.set('*', json(500, 'InternalError', 'etcd is away'));
    world.open().start(world.listener);
    await expect.poll(() => world.clock.pauses.length, GENEROUS).toBeGreaterThan(60);
    expect(world.clock.pauses.at(0)).toBeLessThanOrEqual(500);
    expect(Math.max(...world.clock.pauses)).toBeGreaterThan(15_000);
    expect(Math.max(...world.clock.pauses)).toBeLessThanOrEqual(30_000);
  });

  test('that forbids a kind says so, the others are not affected, and it recovers', async () => {
    await world.start();
    await world.watching();
    world.api.answers.set('bgppeers', FORBIDDEN);
    world.api.cut();
    await world.told('lost sync');
    await world.told(
      /^problem bgppeers: the account may not list and watch this kind: .*weak.*Grant/,
    );
    world.api.store.put('nodes', node('b', '10.0.0.2/24'));
    await world.told('put Node//b');
    expect(world.listener.objects.has('BGPPeer//tor')).toBe(true);
    world.api.store.delete('bgppeers', 'tor');
    world.api.answers.clear();
    await world.told('synchronised', 2);
    await world.told('resolved bgppeers');
    expect(world.listener.objects.has('BGPPeer//tor')).toBe(false);
  });

  test('is given a rotated token as soon as the file holds it', async () => {
    const file = temporaryFile('token');
    writeFileSync(file, 'first\n');
    world.api.token = 'first';
    await world.start({ access: fileAccess({ server: world.api.url, tokenFile: file }) });
    await world.watching();
    world.api.token = 'second';
    world.api.cut();
    await world.told(/does not accept the credentials/);
    await world.told('lost sync');
    writeFileSync(file, 'second\n');
    await world.told('synchronised', 2);
    await world.told(`resolved ${world.api.url}`);
  });

  test('replaced by a login page is reported and takes nothing away', async () => {
    await world.start();
    await world.watching();
    world.api.answers.set('*', {
      status: 200,
      type: 'text/html',
      body: '<html>Please\nlog in</html>',
    });
    world.api.cut();
    await world.told('lost sync');
    await world.told(/not that of a Kubernetes API server: .*"<html>Please log in/);
    expect(world.listener.objects.size).toBe(2);
    world.api.answers.set('*', { status: 404, type: 'text/plain', body: '404 page not found\n' });
    world.api.answers.clear();
    await world.told('synchronised', 2);
  });

  test('replaced by a server that knows no path is no empty cluster', async () => {
    await world.start();
    await world.watching();
    world.api.answers.set('*', { status: 404, type: 'text/plain', body: '404 page not found\n' });
    world.api.cut();
    await world.told('lost sync');
    const attempts = world.clock.pauses.length;
    await expect.poll(() => world.clock.pauses.length, GENEROUS).toBeGreaterThan(attempts + 30);
    expect(world.listener.objects.size).toBe(2);
  });

  test('that says something that is no event is reported, and listed when it speaks sense', async () => {
    await world.start();
    await world.watching();
    world.api.say('bgppeers', '{"type":"ADDED","object":');
    await world.told('lost sync');
    await world.told(/^problem bgppeers: the answer is not that of a Kubernetes API server/);
    await world.told('synchronised', 2);
  });

  test('that says a thing twice is heard once', async () => {
    await world.start();
    await world.watching();
    const object = world.api.store.get('bgppeers', 'tor');
    world.api.say('bgppeers', JSON.stringify({ type: 'MODIFIED', object }));
    world.api.say('bgppeers', JSON.stringify({ type: 'ADDED', object }));
    world.api.store.put('bgppeers', peer('new', 65009));
    await world.told('put BGPPeer//new');
    expect(world.listener.count('put BGPPeer//tor')).toBe(1);
    expect(world.api.requests.filter((path) => path.includes('/bgppeers?limit='))).toHaveLength(1);
  });

  test.each([
    ['an event', 'MODIFIED'],
    ['a deletion', 'DELETED'],
    ['a bookmark', 'BOOKMARK'],
  ])(
    'that sends %s out of order is listed anew, and what it said does not count',
    async (_, type) => {
      const before = world.api.store.get('bgppeers', 'tor');
      world.api.store.put('bgppeers', peer('tor', 65002));
      await world.start();
      await world.watching();
      world.api.store.put('bgppeers', peer('tor', 65003));
      await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65003);
      world.api.say('bgppeers', JSON.stringify({ type, object: before }));
      const lists = (): number =>
        world.api.requests.filter((path) => path.includes('/bgppeers?limit=')).length;
      await expect.poll(lists, GENEROUS).toBe(2);
      await world.watching();
      expect(world.listener.count('put BGPPeer//tor')).toBe(2);
      expect(world.listener.count('delete BGPPeer//tor')).toBe(0);
      expect(world.listener.count('lost sync')).toBe(0);
    },
  );

  test('whose version went back is listed anew, as after a restore from a backup', async () => {
    for (let i = 0; i < 20; i++) world.api.store.put('bgppeers', peer('tor', 65100 + i));
    await world.start();
    await world.watching();
    const { port } = world.api;
    await world.api.close();
    world.api = new StandIn();
    world.api.store.put('bgppeers', peer('tor', 65001));
    await world.api.listen(port);
    await world.watching();
    world.api.store.put('bgppeers', peer('new', 65002));
    await world.told('put BGPPeer//new');
    await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65001);
  });

  test('that does not answer is noticed, at the start and in the middle of a watch', async () => {
    world.api.stalled = true;
    world.open({ timing: { patience: 50, quiet: 50 } }).start(world.listener);
    await world.told(/the API server does not answer/);
    world.api.stalled = false;
    await world.told('synchronised');
    world.api.stalled = true;
    await world.told('lost sync');
    world.api.store.put('bgppeers', peer('tor', 65002));
    world.api.stalled = false;
    await world.told('synchronised', 2);
    await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65002);
  });

  test('is listed after some watches that told nothing, in case their version was wrong', async () => {
    await world.start({ timing: { quiet: 1100 } });
    const lists = (): number =>
      world.api.requests.filter((path) => path.includes('/bgppeers?limit=')).length;
    await expect.poll(lists, GENEROUS).toBeGreaterThan(1);
    expect(world.listener.count('lost sync')).toBe(0);
  });
});
