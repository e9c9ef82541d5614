import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
const KEEPALIVE = `${'ff'.repeat(16)}001304`;

const bengal = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    stdio: 'pipe',
  });

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve));

function outputOf(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (part) => {
    text += part;
  });
  return () => text;
}

describe('the process', () => {
  test('reads standard input, writes standard output and exits with the code', async () => {
    const child = bengal('decode');
    const output = outputOf(child);
    child.stdin?.end(`1 0 ${KEEPALIVE}\nnonsense\n`);
    expect(await exitOf(child)).toBe(2);
    expect(output().trimEnd().split('\n')).toHaveLength(2);
  });

  test('complains on standard error only', async () => {
    const child = bengal('peers', '--socket', '/nonexistent/bengal.sock');
    const output = outputOf(child);
    let complaint = '';
    child.stderr?.on('data', (part) => {
      complaint += part;
    });
    expect(await exitOf(child)).toBe(3);
    expect(output()).toBe('');
    expect(complaint).toContain('the daemon cannot be reached');
  });

  test('ends quietly when its reader leaves', async () => {
    const child = bengal('decode', ...Array<string>(2000).fill(KEEPALIVE));
    child.stdout?.destroy();
    expect(await exitOf(child)).toBe(0);
  });
});
