import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StartAgent } from '../../src/cli/datastore-options.ts';
import type { ExitCode } from '../../src/cli/io.ts';
import { nodeCommand } from '../../src/cli/node.ts';
import { parseCommandLine } from '../../src/cli/options.ts';
import { StandIn } from '../datastore/kubernetes/stand-in.ts';
import { FakeControl } from '../server/fake-control.ts';
import { FakeView } from '../server/fake-view.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';
import { RecordingLogger } from './recording-logger.ts';

const GENEROUS = { timeout: 20_000 };

const startAgent: StartAgent = () => ({
  view: new FakeView(),
  control: new FakeControl(),
  settled: Promise.resolve(),
  stop: () => Promise.resolve(),
});

let io: FakeIo;
let api: StandIn;
let scratch: ReturnType<typeof scratchDirectory>;

beforeEach(async () => {
  io = new FakeIo();
  scratch = scratchDirectory();
  io.runDirectory = scratch.path;
  api = await new StandIn().listen();
});
afterEach(async () => {
  await api.close();
  scratch.remove();
});

const run = async (...args: string[]): Promise<ExitCode> => {
  const command = nodeCommand(
    async () => startAgent,
    () => new RecordingLogger(),
  );
  const line = ['--node', 'one', '--http', 'off', '--report-node-status', ...args];
  return command.run(parseCommandLine(command.syntax, line), io);
};

test('a node answers the CalicoNodeStatus objects that ask for it', async () => {
  for (const node of ['one', 'two'])
    api.store.put('caliconodestatuses', {
      metadata: { name: `of-${node}` },
      spec: { node, classes: ['Agent', 'BGP'], updatePeriodSeconds: 10 },
    });
  io.env = { DATASTORE_TYPE: 'kubernetes', K8S_API_ENDPOINT: api.url };
  const ended = run();
  const status = (name: string): unknown => api.store.get('caliconodestatuses', name)?.['status'];
  await expect
    .poll(() => status('of-one'), GENEROUS)
    .toMatchObject({
      agent: { birdV4: { state: 'Ready', routerID: '10.0.0.1' } },
      bgp: { numberEstablishedV4: 2 },
      lastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  expect(status('of-two')).toBeUndefined();
  io.signal('SIGTERM');
  expect(await ended).toBe(0);
  await expect.poll(() => api.watched, GENEROUS).toEqual([]);
});

test('a node on files has none to answer', async () => {
  await expect(run('--path', scratch.path)).rejects.toThrow('--report-node-status needs');
});
