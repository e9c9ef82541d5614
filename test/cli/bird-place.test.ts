import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeCommand } from '../../src/cli/node.ts';
import { parseCommandLine } from '../../src/cli/options.ts';
import { FakeControl } from '../server/fake-control.ts';
import { FakeView } from '../server/fake-view.ts';
import { ask, scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';
import { RecordingLogger } from './recording-logger.ts';

let io: FakeIo;
let log: RecordingLogger;
let scratch: ReturnType<typeof scratchDirectory>;
let calico: ReturnType<typeof scratchDirectory>;
let starts: number;
let result: Promise<number> | undefined;
let bird: Server | undefined;

beforeEach(() => {
  scratch = scratchDirectory();
  calico = scratchDirectory();
  io = new FakeIo();
  io.runDirectory = scratch.path;
  io.calicoDirectory = calico.path;
  log = new RecordingLogger();
  starts = 0;
});

afterEach(async () => {
  io.signal('SIGTERM');
  await result?.catch(() => {});
  bird?.close();
  scratch.remove();
  calico.remove();
});

const command = nodeCommand(
  async () => () => {
    starts++;
    return {
      view: new FakeView(),
      control: new FakeControl(),
      settled: Promise.resolve(),
      stop: () => Promise.resolve(),
    };
  },
  (level) => Object.assign(log, { level }),
);

function node(...more: string[]): Promise<number> {
  const args = ['--node', 'a', '--path', scratch.path, '--http', 'off', ...more];
  result = (async () => command.run(parseCommandLine(command.syntax, args), io))();
  return result;
}

const ready = (): Promise<void> =>
  expect.poll(() => log.entries.some(({ msg }) => msg === 'ready')).toBe(true);

const control = (file = 'bird.ctl'): string => path.join(calico.path, file);

describe("BIRD's sockets of a node", () => {
  test('are served where Calico looks, and go at the end', async () => {
    const run = node();
    await ready();
    expect([control(), control('bird6.ctl')].every(existsSync)).toBe(true);
    io.signal('SIGTERM');
    expect(await run).toBe(0);
    expect(existsSync(control())).toBe(false);
  });

  test('are not made when they are not wanted, or where there is no Calico', async () => {
    const run = node('--bird-socket', 'off');
    await ready();
    expect(existsSync(control())).toBe(false);
    io.signal('SIGTERM');
    await run;
    io.calicoDirectory = path.join(calico.path, 'nowhere');
    log.entries.length = 0;
    void node();
    await ready();
    expect(existsSync(io.calicoDirectory)).toBe(false);
  });

  test('a live BIRD stops everything before it starts, and is named', async () => {
    bird = createServer().listen(control('bird6.ctl'));
    await new Promise((resolve) => bird?.once('listening', resolve));
    await expect(node()).rejects.toMatchObject({
      code: 'bird-is-running',
      exit: 4,
      message: expect.stringContaining('listens here, so nothing was started'),
    });
    expect(starts).toBe(0);
    expect(existsSync(control())).toBe(false);
  });

  test.skipIf(process.platform !== 'linux')('the process that holds them is told', async () => {
    bird = createServer().listen(control());
    await new Promise((resolve) => bird?.once('listening', resolve));
    await expect(node()).rejects.toThrow(`(process ${process.pid})`);
  });

  test('a default place that cannot be had is a warning, a wanted one an error', async () => {
    writeFileSync(control(), 'not a socket');
    await expect(node('--bird-socket', calico.path)).rejects.toMatchObject({
      code: 'socket-not-available',
    });
    void node();
    await ready();
    expect(log.entries.map(({ msg }) => msg)).toContain("BIRD's sockets are not available");
    const status = await ask(path.join(scratch.path, 'node-a.sock'), '/api/v1/status');
    expect(status.body).toContain('there is a file that is not a socket');
  });
});
