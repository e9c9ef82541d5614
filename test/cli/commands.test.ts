import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { runCommandLine } from '../../src/cli/commands.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { FakeIo, lines } from './fake-io.ts';

const KEEPALIVE = `${'ff'.repeat(16)}001304`;
const BAD_LENGTH = `${'ff'.repeat(16)}001204`;

let io: FakeIo;

beforeEach(() => {
  io = new FakeIo();
});

const bengal = (...args: string[]): Promise<number> => runCommandLine(args, io);

describe('bengal', () => {
  test('without a command lists them and exits 1; with help it exits 0', async () => {
    expect(await bengal()).toBe(1);
    expect(io.out).toContain('  decode ');
    expect(await bengal('--help')).toBe(0);
  });

  test('knows what was probably meant', async () => {
    expect(await bengal('route')).toBe(1);
    expect(io.complaints).toEqual([
      'bengal route: there is no such command; did you mean routes?',
      'Try: bengal --help',
    ]);
  });

  test('every command explains itself', async () => {
    const daemons = ['node', 'reflector', 'speaker', 'lab'];
    for (const name of [...daemons, 'peers', 'peer', 'routes', 'render', 'decode', 'version']) {
      io.out = '';
      expect(await bengal(name, '--help')).toBe(0);
      expect(io.out).toContain(`Usage: bengal ${name} [OPTIONS]`);
    }
  });
});

describe('bengal speaker', () => {
  test('lists all that is wrong with its file, a line each, before it starts anything', async () => {
    const scratch = scratchDirectory();
    const file = path.join(scratch.path, 'speaker.yaml');
    writeFileSync(file, 'asn: 0\nrouterId: nonsense\n');
    expect(await bengal('speaker', '--config', file)).toBe(1);
    const complaint = io.complaints.join('\n').split('\n');
    expect(complaint[0]).toContain(`bengal speaker: ${file}: asn: `);
    expect(complaint[1]).toContain(`${file}: routerId: `);
    scratch.remove();
  });
});

describe('bengal decode', () => {
  test('decodes operands, exits 0 when all are well-formed', async () => {
    expect(await bengal('decode', KEEPALIVE, KEEPALIVE)).toBe(0);
    expect(io.lines.map((line) => JSON.parse(line).message.type)).toEqual([
      'KEEPALIVE',
      'KEEPALIVE',
    ]);
  });

  test('exits 2 when one is malformed, and still decodes the others', async () => {
    expect(await bengal('decode', BAD_LENGTH, KEEPALIVE)).toBe(2);
    expect(JSON.parse(io.lines[0] ?? '').error.notification).toEqual({
      code: 1,
      subcode: 2,
      dataHex: '0012',
    });
    expect(JSON.parse(io.lines[1] ?? '').message.type).toBe('KEEPALIVE');
  });

  test('reads lines from standard input, however they come', async () => {
    io.input = lines(
      `# a comment\n\n1 0 ${KEEPALIVE.slice(0, 10)}`,
      `${KEEPALIVE.slice(10)}\n`,
      KEEPALIVE,
    );
    expect(await bengal('decode')).toBe(0);
    expect(io.lines).toHaveLength(2);
  });

  test('refuses a line without end and contradicting options', async () => {
    io.input = lines('f'.repeat(2_000_000));
    expect(await bengal('decode')).toBe(1);
    expect(await bengal('decode', '--asn2', '--asn4', KEEPALIVE)).toBe(1);
  });
});

describe('bengal version', () => {
  test('tells versions and what the platform allows', async () => {
    expect(await bengal('version', '-o', 'json')).toBe(0);
    const version = JSON.parse(io.out);
    expect(version).toMatchObject({ node: process.version });
    expect(version.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(version.features.map(({ name }: { name: string }) => name)).toContain('netlink');
    io.out = '';
    await bengal('--version');
    expect(io.out).toContain(`Node ${process.version}`);
  });
});

describe('bengal render', () => {
  let scratch: ReturnType<typeof scratchDirectory>;

  beforeEach(() => {
    scratch = scratchDirectory();
    const node = (name: string, address: string): string =>
      `apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: { name: ${name} }\n` +
      `spec: { bgp: { ipv4Address: ${address}/24 } }\n---\n`;
    write('nodes.yaml', node('one', '10.0.0.1') + node('two', '10.0.0.2'));
  });

  afterEach(() => scratch.remove());

  const write = (name: string, text: string): void =>
    writeFileSync(path.join(scratch.path, name), text);

  test('prints the configuration of a node', async () => {
    expect(await bengal('render', '--node', 'one', '--path', scratch.path)).toBe(0);
    expect(parseYaml(io.out)).toMatchObject({
      asn: 64512,
      routerId: '10.0.0.1',
      peers: [{ name: 'Mesh_10_0_0_2', address: '10.0.0.2' }],
    });
  });

  test('takes the node from NODENAME and CALICO_ROUTER_ID from the environment', async () => {
    io.env = { NODENAME: 'two', CALICO_ROUTER_ID: '9.9.9.9' };
    expect(await bengal('render', '--path', scratch.path, '-o', 'json')).toBe(0);
    expect(JSON.parse(io.out)).toMatchObject({ routerId: '9.9.9.9' });
  });

  test('adds where each value comes from', async () => {
    await bengal('render', '--node', 'one', '--path', scratch.path, '-o', 'json', '--provenance');
    expect(JSON.parse(io.out).provenance['/routerId']).toMatchObject({ resource: 'Node//one' });
  });

  test('names a broken file, derives from the rest and exits 2', async () => {
    write('broken.yaml', 'kind: [');
    expect(await bengal('render', '--node', 'one', '--path', scratch.path)).toBe(2);
    expect(io.complaints[0]).toContain('broken.yaml:1:');
    expect(parseYaml(io.out)).toMatchObject({ routerId: '10.0.0.1' });
  });

  test('exits 1 for an unknown node, a missing directory and a missing option', async () => {
    expect(await bengal('render', '--node', 'three', '--path', scratch.path)).toBe(1);
    expect(io.complaints[0]).toContain('Node three: is not in the datastore');
    expect(await bengal('render', '--node', 'one', '--path', path.join(scratch.path, 'no'))).toBe(
      1,
    );
    expect(await bengal('render', '--node', 'one')).toBe(1);
    expect(await bengal('render', '--path', scratch.path)).toBe(1);
    expect(io.out).toBe('');
  });

  test('reads only the directory itself', async () => {
    mkdirSync(path.join(scratch.path, 'below.yaml'));
    expect(await bengal('render', '--node', 'one', '--path', scratch.path)).toBe(2);
    expect(io.complaints[0]).toContain('below.yaml');
  });
});
