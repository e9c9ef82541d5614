import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import type { DaemonContext } from '../../src/cli/daemon.ts';
import type { AgentOptions, StartAgent } from '../../src/cli/datastore-options.ts';
import type { ExitCode } from '../../src/cli/io.ts';
import { labCommand } from '../../src/cli/lab.ts';
import { nodeCommand } from '../../src/cli/node.ts';
import { parseCommandLine } from '../../src/cli/options.ts';
import { reflectorCommand } from '../../src/cli/reflector.ts';
import { speakerCommand } from '../../src/cli/speaker.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import type { LabOptions } from '../../src/lab/lab.ts';
import { FakeControl } from '../server/fake-control.ts';
import { FakeView } from '../server/fake-view.ts';
import { ask, scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';
import { RecordingLogger } from './recording-logger.ts';

let io: FakeIo;
let log: RecordingLogger;
let scratch: ReturnType<typeof scratchDirectory>;
let stops: number;
const running: Promise<unknown>[] = [];

beforeEach(() => {
  io = new FakeIo();
  log = new RecordingLogger();
  scratch = scratchDirectory();
  io.runDirectory = scratch.path;
  stops = 0;
});

afterEach(async () => {
  io.signal('SIGTERM');
  await Promise.allSettled(running.splice(0));
  scratch.remove();
});

const openLog = (level: string): RecordingLogger => Object.assign(log, { level });
const settled = Promise.resolve();
const stop = (): Promise<void> => {
  stops++;
  return Promise.resolve();
};

function run(command: Command, ...args: string[]): Promise<ExitCode> {
  const result = (async () => command.run(parseCommandLine(command.syntax, args), io))();
  running.push(result);
  return result;
}

/** Runs a daemon until it is ready. */
async function launch(command: Command, ...args: string[]): Promise<void> {
  void run(command, ...args);
  await ready();
}

const ready = (): Promise<void> =>
  expect.poll(() => log.entries.some(({ msg }) => msg === 'ready')).toBe(true);

describe('bengal speaker', () => {
  const applied: SpeakerConfig[] = [];
  let context: DaemonContext | undefined;
  let file: string;

  beforeEach(() => {
    applied.length = 0;
    file = path.join(scratch.path, 'speaker.yaml');
    writeFileSync(file, 'asn: 64512\nrouterId: 10.0.0.1\n');
  });

  const command = speakerCommand(
    async () => (config, given) => {
      applied.push(config);
      context = given;
      return {
        view: new FakeView(),
        control: new FakeControl(),
        settled,
        apply: (changed) => applied.push(changed),
        stop,
      };
    },
    (level) => openLog(level),
  );

  const speaker = (...args: string[]): Promise<ExitCode> =>
    run(command, '--config', file, '--http', 'off', ...args);

  test('serves its control socket, says when it is ready, and ends silently at SIGTERM', async () => {
    const result = speaker();
    await ready();
    const socket = path.join(scratch.path, 'speaker-10.0.0.1.sock');
    expect(log.entries.at(-1)).toMatchObject({ command: 'speaker', name: '10.0.0.1', socket });
    expect((await ask(socket, '/api/v1/status')).status).toBe(200);
    io.signal('SIGTERM');
    expect(await result).toBe(0);
    expect(stops).toBe(1);
    expect(existsSync(socket)).toBe(false);
  });

  test('a signal while it starts ends it as well, a second one at once', async () => {
    const never = new Promise<void>(() => {});
    const slow = speakerCommand(
      async () => () => ({
        view: new FakeView(),
        control: new FakeControl(),
        settled: never,
        apply: () => {},
        stop,
      }),
      openLog,
    );
    const result = run(slow, '--config', file, '--http', 'off');
    const socket = path.join(scratch.path, 'speaker-10.0.0.1.sock');
    const served = (): Promise<number> =>
      ask(socket, '/api/v1/status').then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(served).toBe(200);
    io.signal('SIGINT');
    io.signal('SIGINT');
    expect(await result).toBe(0);
    expect(io.exits).toEqual([0]);
    expect(stops).toBe(1);
    expect(log.entries.map(({ msg }) => msg)).not.toContain('ready');
  });

  test('SIGHUP reads the file again', async () => {
    await launch(command, '--config', file, '--http', 'off');
    writeFileSync(file, 'asn: 64512\nrouterId: 10.0.0.2\n');
    io.signal('SIGHUP');
    expect(applied.map(({ routerId }) => routerId)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('an invalid file is an error before anything starts', async () => {
    writeFileSync(file, 'asn: 64512\n');
    await expect(speaker()).rejects.toThrow('routerId');
    expect(applied).toEqual([]);
    await expect(run(command)).rejects.toThrow('option --config FILE is missing');
  });

  test('a socket that was asked for and is taken is an error, a default one a warning', async () => {
    const holder = createServer().listen(path.join(scratch.path, 'speaker-10.0.0.1.sock'));
    await new Promise((resolve) => holder.once('listening', resolve));
    await expect(
      speaker('--socket', path.join(scratch.path, 'speaker-10.0.0.1.sock')),
    ).rejects.toMatchObject({ code: 'socket-not-available' });
    expect(applied).toEqual([]);
    await launch(command, '--config', file, '--http', 'off');
    expect(log.entries).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'management is not available' }),
    );
    holder.close();
  });

  test('a start that fails leaves no socket behind', async () => {
    const failing = speakerCommand(
      async () => () => {
        throw new Error('no luck');
      },
      openLog,
    );
    await expect(run(failing, '--config', file, '--http', 'off')).rejects.toThrow('no luck');
    expect(existsSync(path.join(scratch.path, 'speaker-10.0.0.1.sock'))).toBe(false);
  });

  test('--http takes an address and port of either family', async () => {
    await launch(command, '--config', file, '--http', '127.0.0.1:0');
    const http = log.entries.at(-1)?.['http'];
    expect((await ask(String(http), '/livez')).status).toBe(200);
  });

  test.each(['nonsense', '127.0.0.1', '127.0.0.1:65536', '::1:80', '[::1]'])(
    '--http %s is refused',
    async (place) => {
      await expect(run(command, '--config', file, '--http', place)).rejects.toThrow('--http');
    },
  );

  test('LOG_LEVEL decides over what the datastore asks for', async () => {
    await launch(command, '--config', file, '--http', 'off');
    context?.setLogLevel('debug');
    expect(log.level).toBe('debug');
    io.signal('SIGTERM');
    await Promise.allSettled(running);
    log = new RecordingLogger();
    io.env['LOG_LEVEL'] = 'WARN';
    await launch(command, '--config', file, '--http', 'off');
    context?.setLogLevel('debug');
    expect(log.level).toBe('warn');
    io.env['LOG_LEVEL'] = 'loud';
    await expect(speaker()).rejects.toThrow('loud is not one of');
  });

  test('refuses a rehearsal that is neither on nor off', async () => {
    const bad = run(command, '--config', file, '--http', 'off', '--rehearsal', 'no');
    await expect(bad).rejects.toThrow('option --rehearsal: no is neither on nor off');
  });
});

describe('bengal node and reflector', () => {
  const started: AgentOptions[] = [];

  beforeEach(() => {
    started.length = 0;
    writeFileSync(
      path.join(scratch.path, 'nodes.yaml'),
      'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: { name: one }\n' +
        'spec: { bgp: { ipv4Address: 10.0.0.1/24 } }\n',
    );
  });

  const startAgent: StartAgent = (options) => {
    started.push(options);
    return { view: new FakeView(), control: new FakeControl(), settled, stop };
  };
  const node = nodeCommand(
    async () => startAgent,
    (level) => openLog(level),
  );
  const reflector = reflectorCommand(
    async () => startAgent,
    (level) => openLog(level),
  );
  const onFiles = (): string[] => ['--path', scratch.path, '--http', 'off'];

  const resource: Resource = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'Node',
    metadata: { name: 'one', labels: {}, annotations: {} },
    spec: { bgp: { ipv4Address: '10.0.0.1/24' } },
  };

  test('a node takes its name from NODENAME and derives its own configuration', async () => {
    io.env = { NODENAME: 'one', CALICO_ROUTER_ID: '9.9.9.9' };
    await launch(node, ...onFiles());
    expect(started[0]).toMatchObject({ command: 'node', name: 'one' });
    expect(started[0]?.derive([resource]).config?.routerId).toBe('9.9.9.9');
    expect(existsSync(path.join(scratch.path, 'node-one.sock'))).toBe(true);
  });

  test('SIGHUP makes the datastore read again', async () => {
    await launch(node, '--node', 'one', ...onFiles());
    const seen: string[] = [];
    started[0]?.datastore.start({
      put: ({ metadata }) => seen.push(metadata.name),
      delete: () => {},
      synchronised: () => {},
      lostSync: () => {},
      problem: () => {},
      resolved: () => {},
    });
    writeFileSync(
      path.join(scratch.path, 'more.yaml'),
      'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: { name: two }\nspec: {}\n',
    );
    io.signal('SIGHUP');
    expect(seen).toEqual(['one', 'two']);
    started[0]?.datastore.stop();
  });

  test('a node needs a name, a directory and a datastore that exists', async () => {
    await expect(run(node, ...onFiles())).rejects.toThrow('NODENAME');
    await expect(run(node, '--node', 'one')).rejects.toThrow('--path DIR');
    io.env = { DATASTORE_TYPE: 'consul' };
    await expect(run(node, '--node', 'one', ...onFiles())).rejects.toThrow('consul');
    io.env = { DATASTORE_TYPE: 'kubernetes' };
    await expect(run(node, '--node', 'one')).rejects.toThrow('no Kubernetes API server is named');
    expect(started).toEqual([]);
  });

  test('a reflector is a Node', async () => {
    await launch(reflector, '--node', 'one', ...onFiles());
    expect(started[0]).toMatchObject({ command: 'reflector', name: 'one' });
    expect(started[0]?.derive([resource]).config?.clusterId).toBe('10.0.0.1');
  });

  test('a reflector is what the command line says', async () => {
    const own = ['--asn', '64512', '--router-id', '10.9.9.9', '--listen', '10.9.9.9'];
    await launch(reflector, ...own, '--listen', '[fd00::9]:1790', ...onFiles());
    expect(started[0]?.name).toBe('10.9.9.9');
    const { config } = started[0]?.derive([resource]) ?? {};
    expect(config).toMatchObject({
      asn: 64512,
      clusterId: '10.9.9.9',
      listen: [
        { address: '10.9.9.9', port: 179 },
        { address: 'fd00::9', port: 1790 },
      ],
    });
    expect(config?.peers.map(({ address }) => address)).toEqual(['10.0.0.1']);
  });

  test('a reflector serves the Nodes that its selector matches', async () => {
    await launch(reflector, '--node', 'one', '--clients', 'has(none)', ...onFiles());
    const other = { ...resource, metadata: { ...resource.metadata, name: 'two' } };
    expect(started[0]?.derive([resource, other]).config?.peers).toEqual([]);
  });

  test.each([
    [[], 'give --node NAME'],
    [['--asn', '64512'], 'give --node NAME'],
    [['--node', 'one', '--asn', '64512'], '--asn does not go with --node'],
    [['--asn', '0', '--router-id', '10.0.0.1', '--listen', '10.0.0.1'], '--asn: 0'],
    [['--asn', '1', '--router-id', '0.0.0.0', '--listen', '10.0.0.1'], '--router-id: 0.0.0.0'],
    [['--asn', '1', '--router-id', '10.0.0.1', '--listen', 'here'], '--listen: here'],
    [['--node', 'one', '--clients', 'has('], '--clients: has('],
  ])('a reflector of %j is refused', async (args, message) => {
    await expect(run(reflector, ...args, ...onFiles())).rejects.toThrow(message);
    expect(started).toEqual([]);
  });
});

describe('bengal lab', () => {
  test('runs a directory until Ctrl-C, and gives up at the second', async () => {
    let options: LabOptions | undefined;
    const lab = labCommand((given) => {
      options = given;
      return new Promise((resolve) => given.signal.addEventListener('abort', () => resolve(2)));
    });
    const result = run(lab, scratch.path, '--once');
    expect(options).toMatchObject({ directory: scratch.path, once: true });
    io.signal('SIGHUP');
    expect(options?.signal.aborted).toBe(false);
    io.signal('SIGINT');
    io.signal('SIGINT');
    expect(await result).toBe(2);
    expect(io.exits).toEqual([1]);
  });

  test('needs a directory', async () => {
    const lab = labCommand(() => Promise.resolve(0));
    await expect(run(lab, path.join(scratch.path, 'none'))).rejects.toThrow('is not a directory');
    await expect(run(lab)).rejects.toThrow('DIR is missing');
  });
});
