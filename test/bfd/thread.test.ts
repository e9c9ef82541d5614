import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bfd, type BfdStatus, type StartEngine } from '../../src/bfd/bfd.ts';
import { obstacleToNamespaces } from '../../src/lab/mode.ts';
import { type Namespace, Namespaces } from '../../src/lab/namespaces.ts';
import { withinNamespace } from '../../src/linux/namespace.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { every, pathTo } from './support.ts';

const LABEL = 'bengal-bfd';
const obstacle = await obstacleToNamespaces(LABEL);

/** Threads run compiled code: `npm run build` comes before. */
const BUILT = path.resolve(import.meta.dirname, '../../dist/bfd/thread-engine.js');
const { startThreadEngine }: { startThreadEngine: StartEngine } = await import(
  pathToFileURL(BUILT).href
);

/** BFD whose thread, and so every socket of it, is in the namespace. */
const bfdIn = ({ name }: Namespace): Bfd =>
  new Bfd(
    (report) => withinNamespace(`/run/netns/${name}`, () => startThreadEngine(report)),
    processClock,
  );

interface Side {
  readonly bfd: Bfd;
  readonly own: string;
  readonly moves: BfdStatus[];
}

function blockFor(milliseconds: number): void {
  const end = processClock.now() + milliseconds;
  while (processClock.now() < end);
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => processClock.setTimer('pause', milliseconds, resolve));

describe.skipIf(obstacle !== undefined)(`BFD in its thread (${obstacle ?? 'permitted'})`, () => {
  const made = new Namespaces(LABEL);
  const namespaces: Namespace[] = [];

  beforeAll(async () => {
    namespaces.push(await made.create('a'), await made.create('b'));
    await made.connect(
      namespaces.map((namespace, index) => ({
        namespace,
        ethernet: `02:00:00:00:00:0${index + 1}`,
        addresses: [`192.0.2.${index + 1}/24`, `fd00::${index + 1}/64`],
      })),
    );
  });

  afterAll(() => made.remove());

  /** Both ends of one session, and what happened at the first. */
  async function run(
    [first, second]: readonly [string, string],
    over: Parameters<typeof pathTo>[1],
    story: (a: BfdStatus[], end: Bfd) => Promise<void>,
  ): Promise<void> {
    const sides: Side[] = namespaces.map((namespace, index) => ({
      bfd: bfdIn(namespace),
      own: index === 0 ? first : second,
      moves: [],
    }));
    const settings = every(100, 100, 3);
    for (const [index, { bfd, own, moves }] of sides.entries()) {
      const remote = index === 0 ? second : first;
      bfd.watch(pathTo(remote, { ...over, local: own }), settings, (now, before) => {
        if (now.state !== before.state) moves.push(now);
      });
    }
    const [a, b] = sides;
    if (a === undefined || b === undefined) throw new Error('two sides');
    try {
      await expect.poll(() => a.moves.at(-1)?.state, { timeout: 10_000 }).toBe('up');
      await story(a.moves, b.bfd);
    } finally {
      await Promise.all(sides.map(({ bfd }) => bfd.close()));
    }
  }

  test.each([
    ['one hop of IPv4', '192.0.2.1', '192.0.2.2', {}],
    ['one hop of IPv6', 'fd00::1', 'fd00::2', {}],
    ['a link without addresses', 'fe80::ff:fe00:1', 'fe80::ff:fe00:2', { interface: 'eth0' }],
    ['several hops', '192.0.2.1', '192.0.2.2', { multihop: true }],
  ])('comes up over %s, and takes leave without a failure', async (_, own, remote, over) => {
    await run([own, remote], over, async (moves, end) => {
      await end.close();
      await expect.poll(() => moves.at(-1)?.reason).toBe('neighbor-admin-down');
    });
  });

  test('does not flap while the main thread is busy for 200 ms again and again', async () => {
    await run(['192.0.2.1', '192.0.2.2'], {}, async (moves) => {
      const before = moves.length;
      for (let turn = 0; turn < 15; turn++) {
        blockFor(200);
        await pause(1);
      }
      expect(moves.slice(before).map(({ reason }) => reason)).toEqual([]);
    });
  });

  test('notices a link that was cut, and one that came back', async () => {
    const [, second] = namespaces;
    await run(['192.0.2.1', '192.0.2.2'], {}, async (moves) => {
      await second?.ip('link', 'set', 'eth0', 'down');
      await expect
        .poll(() => moves.at(-1)?.reason, { timeout: 5000 })
        .toBe('detection-time-expired');
      await second?.ip('link', 'set', 'eth0', 'up');
      await expect.poll(() => moves.at(-1)?.state, { timeout: 10_000 }).toBe('up');
    });
  });

  test('says what is in the way when another program has the port', async () => {
    const [first] = namespaces;
    if (first === undefined) throw new Error('no namespace');
    const [one, two] = [bfdIn(first), bfdIn(first)];
    try {
      const held = one.watch(pathTo('192.0.2.2'), every(300, 300, 3), () => {});
      await expect.poll(() => held.status.transmitInterval).toBe(1000);
      const late = two.watch(pathTo('192.0.2.2'), every(300, 300, 3), () => {});
      await expect
        .poll(() => late.status.fault)
        .toMatch(/UDP port 3784.*EADDRINUSE.*stop the other/);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });
});
