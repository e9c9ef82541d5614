import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type LabOptions, runLab } from '../../src/lab/lab.ts';
import { obstacleToNamespaces } from '../../src/lab/mode.ts';
import { capture } from '../../src/lab/shell.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { NO_ETCD } from '../datastore/etcd/etcd-server.ts';
import { QUICKSTART, TWO_REFLECTORS } from './stories.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
const obstacle = await obstacleToNamespaces('bengal-test');
const noEtcd = obstacle ?? NO_ETCD;

function labOn(
  directory: string,
  datastore: LabOptions['datastore'],
): { readonly ended: Promise<0 | 2>; readonly text: () => string } {
  let text = '';
  const ended = runLab({
    directory,
    datastore,
    once: true,
    clock: processClock,
    write: async (more) => {
      text += more;
    },
    signal: new AbortController().signal,
    program: [process.execPath, '--import', 'tsx', MAIN],
  });
  return { ended, text: () => text };
}

afterEach(() => vi.unstubAllEnvs());

const GOOD_END = /\neverything is there; \d+ echoes sent, [1-9]\d* answered, 0 lost, .*\n$/;
const PATIENT = { timeout: 120_000 };

describe.skipIf(obstacle !== undefined)(`a lab in namespaces (${obstacle ?? 'permitted'})`, () => {
  test('kills and replaces reflectors and nodes without losing an echo', PATIENT, async () => {
    const { ended, text } = labOn(TWO_REFLECTORS, 'file');
    const code = await ended;
    expect(text()).toMatch(GOOD_END);
    expect(text()).toMatch(/then\/1-reflector-dies.yaml +reflector-1 +reflector \(dead\)/);
    expect(code).toBe(0);
    expect(await capture(['ip', 'netns', 'list'])).not.toContain(`bengal-lab-${process.pid}-`);
  });
});

describe.skipIf(noEtcd !== undefined)(`a lab on etcd (${noEtcd ?? 'permitted'})`, () => {
  test('plays the quickstart and leaves nothing behind', PATIENT, async () => {
    // The environment of a Calico on this machine is not that of the lab.
    vi.stubEnv('CALICO_ETCD_ENDPOINTS', 'http://127.0.0.1:9');
    const { ended, text } = labOn(QUICKSTART, 'etcd');
    const code = await ended;
    expect(text()).toMatch(GOOD_END);
    expect(code).toBe(0);
    expect(await capture(['ip', 'netns', 'list'])).not.toContain(`bengal-lab-${process.pid}-`);
  });

  test('names the package when etcd is not there', async () => {
    const ip = (await capture(['/bin/sh', '-c', 'command -v ip'])).trim();
    const bin = mkdtempSync(path.join(os.tmpdir(), 'bengal-bin-'));
    symlinkSync(ip, path.join(bin, 'ip'));
    vi.stubEnv('PATH', bin);
    await expect(labOn(QUICKSTART, 'etcd').ended).rejects.toMatchObject({
      code: 'etcd-missing',
      cure: expect.stringContaining('etcd-server'),
    });
    rmSync(bin, { recursive: true });
  });
});
