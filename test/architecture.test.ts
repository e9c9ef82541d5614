import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');

const BELOW_SPEAKER = 'net runtime config wire session policy rib transport linux kernel bfd'.split(
  ' ',
);

/** Who may import whom: the table of the README and of the design. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  net: [],
  runtime: [],
  config: ['net'],
  wire: ['net'],
  session: ['net', 'wire', 'runtime'],
  policy: ['net', 'config', 'wire'],
  rib: ['net', 'wire', 'policy', 'runtime'],
  transport: ['net', 'runtime', 'wire', 'linux'],
  linux: ['runtime'],
  kernel: ['net', 'runtime', 'linux'],
  bfd: ['net', 'runtime', 'linux'],
  speaker: BELOW_SPEAKER,
  datastore: ['net', 'runtime'],
  confd: ['net', 'config', 'datastore'],
  agent: ['net', 'runtime', 'config', 'datastore', 'confd', 'speaker'],
  monitor: ['net', 'runtime', 'config', 'wire', 'session', 'rib', 'transport', 'speaker'],
  insight: [...BELOW_SPEAKER, 'speaker', 'datastore', 'confd', 'agent'],
  server: ['net', 'runtime', 'config', 'speaker', 'agent', 'insight', 'monitor'],
  lab: [...BELOW_SPEAKER, 'speaker', 'datastore', 'confd', 'agent', 'monitor', 'insight', 'server'],
  cli: [...BELOW_SPEAKER, ...'speaker datastore confd agent monitor insight server lab'.split(' ')],
};

/** Built-in modules and packages that only some rooms may use. Other `node:` modules are free. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['transport', 'linux', 'server'],
  'node:dgram': ['linux', 'bfd'],
  'node:worker_threads': ['bfd', 'lab'],
  'node:child_process': ['lab'],
  'node:fs': ['linux', 'datastore', 'agent', 'monitor', 'server', 'cli', 'lab'],
  'node:fs/promises': ['linux', 'datastore', 'agent', 'monitor', 'server', 'cli', 'lab'],
  'node:timers': ['runtime'],
  'node:timers/promises': ['runtime'],
};

/** npm packages stay out of the rooms that a library user or an auditor reads first. */
const PACKAGE_FREE = ['net', 'wire', 'session', 'policy', 'rib', 'transport'];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(path.join(SRC, file), 'utf8');
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...specifiers].map(([, target = '']) => ({ file, room: roomOf(file), target }));
});

function roomOf(file: string): string {
  return file.includes(path.sep) ? (file.split(path.sep)[0] ?? '') : 'root';
}

function targetRoom({ file, target }: Import): string | undefined {
  if (!target.startsWith('.')) return undefined;
  return roomOf(path.relative(SRC, path.resolve(SRC, path.dirname(file), target)));
}

describe('architecture', () => {
  test('every folder of src is a room of the table', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== 'root'));
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  test('reads the imports it judges', () => {
    expect(imports.length).toBeGreaterThan(15);
  });

  test('rooms import only the rooms that the table allows', () => {
    const crossings = imports.filter((at) => {
      const to = targetRoom(at);
      if (to === undefined || to === at.room || at.room === 'root') return false;
      return !(MAY_IMPORT[at.room] ?? []).includes(to);
    });
    expect(crossings.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  test('sockets, files, processes, threads and timers stay in their rooms', () => {
    const crossings = imports.filter(({ room, target }) => {
      const rooms = RESERVED[target];
      return rooms !== undefined && room !== 'root' && !rooms.includes(room);
    });
    expect(crossings.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  test('the core rooms use no npm package', () => {
    const crossings = imports.filter(
      ({ room, target }) =>
        PACKAGE_FREE.includes(room) && !target.startsWith('.') && !target.startsWith('node:'),
    );
    expect(crossings.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  test('timers and dates are used in runtime only', () => {
    const clocks =
      /\b(?:setTimeout|setInterval|setImmediate|Date\.now|performance\.now)\s*\(|\bnew Date\(\)/;
    const users = files.filter(
      (file) =>
        roomOf(file) !== 'runtime' && clocks.test(readFileSync(path.join(SRC, file), 'utf8')),
    );
    expect(users).toEqual([]);
  });
});
