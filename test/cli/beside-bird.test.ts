import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/options.ts';
import { speakerCommand } from '../../src/cli/speaker.ts';
import { FakeControl } from '../server/fake-control.ts';
import { FakeView } from '../server/fake-view.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';
import { RecordingLogger } from './recording-logger.ts';

let io: FakeIo;
let log: RecordingLogger;
let scratch: ReturnType<typeof scratchDirectory>;
let bird: Server;
let starts: number;
let result: Promise<number> | undefined;

beforeEach(() => {
  scratch = scratchDirectory();
  io = new FakeIo();
  io.runDirectory = path.join(scratch.path, 'run');
  log = new RecordingLogger();
  bird = createServer();
  starts = 0;
});

afterEach(async () => {
  io.signal('SIGTERM');
  await result?.catch(() => {});
  bird.close();
  scratch.remove();
});

const command = speakerCommand(
  async () => () => {
    starts++;
    const settled = Promise.resolve();
    const control = new FakeControl();
    return { view: new FakeView(), control, settled, apply: () => {}, stop: async () => {} };
  },
  (level) => Object.assign(log, { level }),
);

function speaker(kernel: string): Promise<number> {
  const file = path.join(scratch.path, 'speaker.yaml');
  writeFileSync(file, `asn: 64512\nrouterId: 10.0.0.1\n${kernel}\n`);
  const line = parseCommandLine(command.syntax, ['--config', file, '--http', 'off']);
  result = (async () => command.run(line, io))();
  return result;
}

async function birdListensAt(file: string): Promise<void> {
  await new Promise<void>((resolve) => bird.listen(path.join(scratch.path, file), resolve));
}

describe.skipIf(process.platform !== 'linux')('beside a BIRD that runs', () => {
  test.each([
    ['calicoDirectory', 'bird.ctl'],
    ['calicoDirectory', 'bird6.ctl'],
    ['birdDirectory', 'bird.ctl'],
  ] as const)(
    'with its socket in the %s (%s), a speaker that programs is refused',
    async (field, file) => {
      io[field] = scratch.path;
      await birdListensAt(file);
      await expect(speaker('kernel: { program: true }')).rejects.toMatchObject({
        code: 'bird-is-running',
        exit: 4,
        where: `socket ${path.join(scratch.path, file)}`,
        message: expect.stringContaining(`(process ${process.pid})`),
      });
      expect(starts).toBe(0);
    },
  );

  test.each([
    ['kernel: { program: true, protocol: 99 }'],
    ['kernel: { learn: true, program: false }'],
    [''],
  ])('one with %j is not', async (kernel) => {
    io.birdDirectory = scratch.path;
    await birdListensAt('bird.ctl');
    void speaker(kernel);
    await expect.poll(() => starts).toBe(1);
  });
});

test('where no BIRD runs a speaker programs', async () => {
  void speaker('kernel: { program: true }');
  await expect.poll(() => starts).toBe(1);
});
