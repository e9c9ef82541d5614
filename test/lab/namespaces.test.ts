import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { obstacleToNamespaces } from '../../src/lab/mode.ts';
import { NamespaceEcho } from '../../src/lab/namespace-echo.ts';
import { addressCommand, Namespaces, removeLeftovers } from '../../src/lab/namespaces.ts';
import { capture, runSync } from '../../src/lab/shell.ts';
import { processClock } from '../../src/runtime/process-clock.ts';

const LABEL = 'bengal-test';
const obstacle = await obstacleToNamespaces(LABEL);

const namesOf = async (): Promise<readonly string[]> =>
  (await capture(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');

describe.skipIf(obstacle !== undefined)(`namespaces (${obstacle ?? 'permitted'})`, () => {
  test('echo from pod to pod where routes lead there, and vanish without a trace', async () => {
    const made = new Namespaces(LABEL);
    const echo = new NamespaceEcho(processClock);
    try {
      const [a, b] = [await made.create('a'), await made.create('b')];
      await made.connect([
        { namespace: a, addresses: ['192.0.2.1/24'] },
        { namespace: b, addresses: ['192.0.2.2/24'] },
      ]);
      await a.batch([addressCommand('10.1.0.1/32', 'lo'), 'route add 10.2.0.0/26 via 192.0.2.2']);
      await b.batch([addressCommand('10.2.0.1/32', 'lo'), 'route add 10.1.0.0/26 via 192.0.2.1']);
      echo.open(a, '10.1.0.1');
      echo.open(b, '10.2.0.1');
      echo.start([
        { member: 'a', from: '10.1.0.1', to: '10.2.0.1' },
        { member: 'b', from: '10.2.0.1', to: '10.1.0.1' },
      ]);
      const answered = (): boolean => echo.reports().every((flow) => flow.answered > 0);
      await expect.poll(answered, { timeout: 5000 }).toBe(true);
    } finally {
      echo.stop();
      await made.remove();
    }
    expect((await namesOf()).filter((name) => name.startsWith(`${LABEL}-${process.pid}-`))).toEqual(
      [],
    );
    expect(existsSync(made.folder)).toBe(false);
  });

  test('of a dead process are removed, those of a living one are not', async () => {
    const alive = new Namespaces(LABEL);
    // No process has this pair of id and start.
    const dead = `${LABEL}-${process.pid}-1-left-behind`;
    try {
      const kept = await alive.create('kept');
      await capture(['ip', 'netns', 'add', dead]);
      await removeLeftovers(LABEL);
      const names = await namesOf();
      expect(names).toContain(kept.name);
      expect(names).not.toContain(dead);
    } finally {
      runSync('ip', 'netns', 'del', dead);
      await alive.remove();
    }
  });
});
