import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BMP_OPTIONS, collectorsOf } from '../../src/cli/bmp-options.ts';
import { startAgent } from '../../src/cli/composition.ts';
import { nodeCommand } from '../../src/cli/node.ts';
import { parseCommandLine } from '../../src/cli/options.ts';
import { reflectorCommand } from '../../src/cli/reflector.ts';
import { deriveReflector } from '../../src/confd/derive-reflector.ts';
import type { BmpConfig } from '../../src/config/types.ts';
import { FileDatastore } from '../../src/datastore/file/file-datastore.ts';
import { parseSelector } from '../../src/datastore/selector.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';

const SYNTAX = {
  name: 'x',
  summary: '',
  operands: '',
  count: [0, 0],
  options: BMP_OPTIONS,
} as const;

const collectors = (
  args: readonly string[],
  env: Record<string, string> = {},
): readonly BmpConfig[] =>
  collectorsOf(parseCommandLine(SYNTAX, args), Object.assign(new FakeIo(), { env }));

describe('the collectors of a node or reflector', () => {
  test('are none unless somebody asks', () => {
    expect(collectors([])).toEqual([]);
  });

  test('are those of the command line, with port 1790 and the usual tables', () => {
    const rib = ['pre-policy', 'loc-rib'];
    expect(collectors(['--bmp', '10.0.0.9', '--bmp', '[fd00::9]:5000'])).toEqual([
      { address: '10.0.0.9', port: 1790, rib, statsInterval: 60 },
      { address: 'fd00::9', port: 5000, rib, statsInterval: 60 },
    ]);
  });

  test('are those of the environment where the command line names none', () => {
    const env = {
      BENGAL_BMP: '10.0.0.8:11019, 10.0.0.8:11019',
      BENGAL_BMP_RIB: 'adj-rib-out-post',
    };
    expect(collectors([], env)).toEqual([
      { address: '10.0.0.8', port: 11019, rib: ['adj-rib-out-post'], statsInterval: 60 },
    ]);
    expect(collectors(['--bmp', '10.0.0.9'], env)[0]?.address).toBe('10.0.0.9');
  });

  test.each([
    [['--bmp', 'collector'], '--bmp: collector is not ADDR:PORT'],
    [['--bmp', '10.0.0.9', '--bmp-rib', 'loc-rib,out'], '--bmp-rib: out is not one of'],
  ])('of %j are refused', (args, message) => {
    expect(() => collectors(args)).toThrow(message);
  });

  test.each([nodeCommand, reflectorCommand])('can be given to %o', (command) => {
    const { options } = command(() => Promise.reject(new Error('not started'))).syntax;
    expect(options).toMatchObject(BMP_OPTIONS);
  });
});

describe('an agent with a collector', () => {
  let server: Server;
  let scratch: ReturnType<typeof scratchDirectory>;

  beforeEach(async () => {
    scratch = scratchDirectory();
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    server.close();
    scratch.remove();
  });

  test('feeds it, shows it in its status and tells it the end', async () => {
    writeFileSync(
      path.join(scratch.path, 'nodes.yaml'),
      'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: { name: one }\n' +
        'spec: { bgp: { ipv4Address: 10.0.0.1/24 } }\n',
    );
    const clock = processClock;
    const { port } = server.address() as AddressInfo;
    const parsed = parseSelector('');
    if (!('selector' in parsed)) throw new Error('no selector');
    const identity = { asn: 64512, routerId: '10.9.9.9', clusterId: undefined, listen: [] };
    const agent = startAgent(
      {
        command: 'reflector',
        name: '10.9.9.9',
        datastore: new FileDatastore({ directory: scratch.path, clock }),
        place: 'files',
        derive: (resources) => deriveReflector(resources, identity, parsed.selector, {}),
        need: () => {},
        safety: { guard: 'off', stateDirectory: undefined },
        collectors: [{ address: '127.0.0.1', port, rib: ['loc-rib'], statsInterval: 0 }],
      },
      { clock, logger: silentLogger, version: 'test', rehearses: false, setLogLevel: () => {} },
    );
    const [socket] = await once(server, 'connection');
    let bytes = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part]);
    });
    await expect.poll(() => bytes.toString('latin1')).toContain('global');
    expect(agent.view.status().collectors).toMatchObject([
      { collector: `127.0.0.1:${port}`, connected: true },
    ]);
    const closed = once(socket, 'close');
    await agent.stop();
    await closed;
    // Version 3, 12 octets, Termination; reason (TLV 1), 2 octets, 0: administratively closed.
    expect(bytes.subarray(-12).toString('hex')).toBe('030000000c05000100020000');
  });
});
