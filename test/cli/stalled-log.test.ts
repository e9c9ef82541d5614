import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, scratchDirectory } from '../server/scratch.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(ROOT, 'src/cli/main.ts');
const CRASH = "data:text/javascript,process.on('SIGUSR2', () => { throw new Error('crash'); })";
const GOOD = { asn: 64512, routerId: '10.0.0.1' };
/** A busy machine takes its time. */
const PATIENT = { timeout: 30_000 };
/** The log repeats the name of an unknown field: a long line at every SIGHUP. */
const BAD = { ...GOOD, ['x'.repeat(200_000)]: 1 };

let scratch: ReturnType<typeof scratchDirectory>;
let daemon: ChildProcess;
let exit: Promise<number | null>;
let complaints: string;
/** What the daemon logs to; nothing reads it until somebody listens. */
let pipe: Socket;
let text: string;

const file = (name: string): string => path.join(scratch.path, name);
const configure = (config: object): void => writeFileSync(file('config'), JSON.stringify(config));
const status = (): Promise<number> =>
  ask(file('socket'), '/api/v1/status').then(
    (answer) => answer.status,
    () => 0,
  );
const messages = (): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).msg);

/** Resolves at the end of the log. */
function readPipe(): Promise<void> {
  pipe.on('data', (part) => {
    text += part;
  });
  return new Promise((resolve) => pipe.once('end', resolve));
}

/** Makes the daemon log so many long lines, and sees that it answers after each. */
async function makeItLog(lines: number): Promise<void> {
  for (let line = 0; line < lines; line++) {
    daemon.kill('SIGHUP');
    expect(await status()).toBe(200);
  }
}

beforeEach(async () => {
  scratch = scratchDirectory();
  configure(GOOD);
  text = complaints = '';
  execFileSync('mkfifo', [file('log')]);
  pipe = new Socket({ fd: openSync(file('log'), constants.O_RDONLY | constants.O_NONBLOCK) });
  const log = openSync(file('log'), 'w');
  const places = ['--config', file('config'), '--socket', file('socket'), '--http', 'off'];
  const options = ['--import', 'tsx', '--import', CRASH];
  daemon = spawn(process.execPath, [...options, MAIN, 'speaker', ...places], {
    cwd: ROOT,
    stdio: ['ignore', log, 'pipe'],
  });
  closeSync(log);
  exit = new Promise((resolve) => daemon.once('close', resolve));
  daemon.stderr?.on('data', (part) => {
    complaints += part;
  });
  await expect.poll(status, PATIENT).toBe(200);
  configure(BAD);
}, 40_000);

afterEach(async () => {
  daemon.kill('SIGKILL');
  await exit;
  pipe.destroy();
  scratch.remove();
});

describe('a daemon whose log nobody reads', () => {
  test('goes on, and tells how many lines are lost to who reads again', async () => {
    await makeItLog(50);
    const end = readPipe();
    await expect.poll(messages, PATIENT).toContain('lines of this log are lost: nobody read them');
    configure(GOOD);
    await makeItLog(1);
    await expect.poll(() => messages().at(-1), PATIENT).toBe('reading files again');
    daemon.kill('SIGTERM');
    expect(await exit).toBe(0);
    await end;
    expect(messages().at(-1)).toBe('ending; peers are not told');
    const told = text.split('\n').find((line) => line.includes('of this log are lost'));
    expect(JSON.parse(told ?? '')).toMatchObject({ level: 'error', lines: expect.any(Number) });
  }, 60_000);

  test('ends at SIGTERM all the same', async () => {
    await makeItLog(50);
    daemon.kill('SIGTERM');
    expect(await exit).toBe(0);
  }, 60_000);

  test('leaves its last words when it crashes, if somebody reads them then', async () => {
    await makeItLog(10);
    const end = readPipe();
    daemon.kill('SIGUSR2');
    expect(await exit).toBe(1);
    await end;
    expect(complaints).toContain('Error: crash');
    expect(text.endsWith('\n')).toBe(true);
    expect(messages().at(-1)).toBe('configuration refused: the last good one stays in force');
    expect(text.length).toBeGreaterThan(1_000_000);
  }, 60_000);
});
