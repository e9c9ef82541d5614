import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFile } from '../datastore/kubernetes/temporary-file.ts';

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/calico-tools.md');

/** The words of a process, as calicoctl reads them; none when it is gone. */
function argumentsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
  } catch {
    return [];
  }
}

/** First words of the processes of a group. */
const namesIn = (group: number): readonly string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && groupOf(pid) === group)
    .flatMap((pid) => argumentsOf(pid)[0] ?? [])
    .sort();

function groupOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[3]);
  } catch {
    return undefined;
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

test.skipIf(!existsSync('/proc/self/cmdline'))(
  'the documented command gives the names that calicoctl looks for to two processes',
  async () => {
    const [, recipe = ''] = /```sh\n(mkdir[^`]*)```/.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
    const script = recipe
      .replaceAll('/run/bengal/names', path.dirname(temporaryFile('bird')))
      .replace('exec bengal node', 'exec sleep 600');
    const shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' });
    onTestFinished(() => endGroup(shell));
    const names = (): readonly string[] => namesIn(shell.pid ?? 0);
    await expect.poll(names, { timeout: 20_000 }).toEqual(['bird', 'bird6', 'sleep']);
  },
);
