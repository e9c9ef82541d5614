import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
/** The machine may be busy with other tests. */
const PATIENT = { timeout: 300_000 };

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

describe('a lab whose directory is wrong', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'bengal-wrong-'));
    cpSync(QUICKSTART, directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const replace = (file: string, from: string, to: string): void => {
    const where = path.join(directory, file);
    writeFileSync(where, readFileSync(where, 'utf8').replace(from, to));
  };

  test('is not started when two nodes have one address', async () => {
    replace('nodes.yaml', '172.30.0.2/24', '172.30.0.1/24');
    const { ended } = labOn(directory, 'file');
    await expect(ended).rejects.toMatchObject({ code: 'lab-directory', where: 'Node node-2' });
  });

  test('is not started when its story kills a stranger', async () => {
    const kill = 'apiVersion: lab.bengal.io/v1\nkind: Kill\nmetadata: { name: node-9 }\n';
    writeFileSync(path.join(directory, 'then/3.yaml'), kill);
    const { ended } = labOn(directory, 'file');
    await expect(ended).rejects.toMatchObject({ code: 'story', where: 'then/3.yaml:1:1' });
  });

  test('fails in the end when an object counts as absent', PATIENT, async () => {
    rmSync(path.join(directory, 'then'), { recursive: true });
    writeFileSync(
      path.join(directory, 'stray.yaml'),
      'apiVersion: projectcalico.org/v3\nkind: IPPoool\nmetadata: { name: stray }\n',
    );
    const { ended, text } = labOn(directory, 'file');
    expect(await ended).toBe(2);
    expect(text()).toContain('IPPoool stray: ');
    expect(text()).toMatch(/everything is there; 1 object counts as absent; /);
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
