import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileDatastore } from '../../../src/datastore/file/file-datastore.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { RecordingListener } from '../recording-listener.ts';

const node = (name: string, address: string): string =>
  `---\napiVersion: projectcalico.org/v3\nkind: Node\nmetadata: { name: ${name} }\nspec: { bgp: { ipv4Address: ${address} } }\n`;

const MKFIFO = '/usr/bin/mkfifo';

describe('a directory of resources', () => {
  const clock = new VirtualClock();
  let root: string;
  let directory: string;
  let listener: RecordingListener;
  let store: FileDatastore;

  const write = (name: string, ...parts: readonly string[]): void =>
    writeFileSync(path.join(directory, name), parts.join(''));
  /** Long enough for a poll and for two looks at a file that stands still. */
  const pass = (): readonly string[] => {
    clock.advance(2500);
    return listener.drain();
  };
  const started = (): readonly string[] => {
    store.start(listener);
    return listener.drain();
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'bengal-files-'));
    directory = path.join(root, 'resources');
    mkdirSync(directory);
    listener = new RecordingListener();
    store = new FileDatastore({ directory, clock });
  });

  afterEach(() => {
    store.stop();
    rmSync(root, { recursive: true });
  });

  test('is read whole at the start, sub-directories and other files apart', () => {
    write('b.yaml', node('b', '10.0.0.2'));
    write('a.yml', node('a', '10.0.0.1'));
    write('c.json', '{"apiVersion":"v1","kind":"Node","metadata":{"name":"c"}}');
    write('notes.txt', 'not a resource');
    mkdirSync(path.join(directory, 'then.yaml'));
    const lines = started();
    expect(lines.slice(0, 3)).toEqual(['put Node//a', 'put Node//b', 'put Node//c']);
    expect(lines.slice(3)).toEqual([
      'problem then.yaml: is not a regular file (Remove it)',
      'synchronised',
    ]);
  });

  test('sends what changed, and nothing else', () => {
    write('nodes.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2'));
    started();
    write('nodes.yaml', node('b', '10.0.0.2'), node('a', '10.0.0.9'), node('c', '10.0.0.3'));
    expect(pass()).toEqual(['put Node//a', 'put Node//c']);
    write('nodes.yaml', '# a comment\n', node('b', '10.0.0.2'));
    expect(pass()).toEqual(['delete Node//a', 'delete Node//c']);
    expect(pass()).toEqual([]);
  });

  test('loses the objects of a file that is removed, and gets them back', () => {
    write('a.yaml', node('a', '10.0.0.1'));
    started();
    renameSync(path.join(directory, 'a.yaml'), path.join(root, 'a.yaml'));
    expect(pass()).toEqual(['delete Node//a']);
    renameSync(path.join(root, 'a.yaml'), path.join(directory, 'a.yaml'));
    expect(pass()).toEqual(['put Node//a']);
  });

  test('keeps the last good objects of a file that is broken', () => {
    write('a.yaml', node('a', '10.0.0.1'));
    write('b.yaml', node('b', '10.0.0.2'));
    started();
    write('a.yaml', node('x', '10.0.0.1'), 'spec: {}\n');
    write('b.yaml', node('b', '10.0.0.3'));
    expect(pass()).toEqual([
      'put Node//b',
      expect.stringMatching(/^problem a\.yaml:6:1: .*unique.*last good objects stay/),
    ]);
    write('a.yaml', node('a', '10.0.0.1'));
    expect(pass()).toEqual(['resolved a.yaml:6:1']);
  });

  test('promises no last good objects of a file that was broken from the beginning', () => {
    write('a.yaml', node('a', '10.0.0.1'), 'spec: {}\n');
    write('b.yaml', node('b', '10.0.0.2'));
    const [put, problem] = started();
    expect(put).toBe('put Node//b');
    expect(problem).toMatch(/^problem a\.yaml:6:1: .*unique.*(?<!stay) \(Correct the file\)$/);
  });

  test('does not take a file that is still being written', () => {
    write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2'));
    started();
    clock.advance(1990);
    truncateSync(path.join(directory, 'a.yaml'));
    clock.advance(60);
    write('a.yaml', node('a', '10.0.0.1'));
    clock.advance(90);
    write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2'), node('c', '10.0.0.3'));
    expect(pass()).toEqual(['put Node//c']);
  });

  test('takes the first by file name of two definitions, and the second when that goes', () => {
    write('b.yaml', node('a', '10.0.0.2'));
    write('a.yaml', node('a', '10.0.0.1'));
    const twice =
      'problem b.yaml:2:1: Node a is defined at a.yaml:2:1 already; that definition is used (Remove one of the two)';
    expect(started()).toEqual(['put Node//a', twice, 'synchronised']);
    rmSync(path.join(directory, 'a.yaml'));
    expect(pass()).toEqual(['put Node//a', 'resolved b.yaml:2:1']);
  });

  test('names a field that no object has, and takes the object all the same', () => {
    write('a.yaml', 'spce: {}\n', node('a', '10.0.0.1').slice(4));
    expect(started()).toEqual([
      'put Node//a',
      'problem a.yaml:1:1: there is no field spce; it is ignored (Write spec)',
      'synchronised',
    ]);
  });

  test('follows links within, as a mounted ConfigMap has them, but none that lead out', () => {
    mkdirSync(path.join(directory, '..data'));
    write('..data/a.yaml', node('a', '10.0.0.1'));
    symlinkSync('..data/a.yaml', path.join(directory, 'a.yaml'));
    writeFileSync(path.join(root, 'secret.yaml'), node('b', '10.0.0.2'));
    symlinkSync('../secret.yaml', path.join(directory, 'b.yaml'));
    expect(started()).toEqual([
      'put Node//a',
      'problem b.yaml: leads out of the directory (Put the file itself here)',
      'synchronised',
    ]);
  });

  test('refuses a pipe, and does not wait for anyone to write into it', () => {
    write('a.yaml', node('a', '10.0.0.1'));
    execFileSync(MKFIFO, [path.join(directory, 'b.yaml')]);
    expect(started()).toEqual([
      'put Node//a',
      'problem b.yaml: is not a regular file (Remove it)',
      'synchronised',
    ]);
  });

  test('refuses a file that is too large', () => {
    write('a.yaml', node('a', '10.0.0.1'));
    write('big.yaml', '#');
    truncateSync(path.join(directory, 'big.yaml'), 9 * 1024 * 1024);
    expect(started()).toEqual([
      'put Node//a',
      expect.stringContaining('big.yaml: is larger than'),
      'synchronised',
    ]);
  });

  test('that is not there is reported, and read when it comes', () => {
    rmSync(directory, { recursive: true });
    expect(started()).toEqual([
      'disconnected',
      expect.stringContaining(`problem ${directory}: cannot be read`),
    ]);
    mkdirSync(directory);
    write('a.yaml', node('a', '10.0.0.1'));
    expect(pass()).toEqual(['put Node//a', `resolved ${directory}`, 'connected', 'synchronised']);
  });

  test('that vanishes later leaves everything in force until it is back', () => {
    write('a.yaml', node('a', '10.0.0.1'));
    started();
    renameSync(directory, `${directory}.away`);
    expect(pass()).toEqual([
      'disconnected',
      expect.stringContaining('cannot be read'),
      'lost sync',
    ]);
    expect(pass()).toEqual([]);
    renameSync(`${directory}.away`, directory);
    expect(pass()).toEqual([`resolved ${directory}`, 'connected', 'synchronised']);
  });

  test('is read at once when asked to', () => {
    started();
    write('a.yaml', node('a', '10.0.0.1'));
    store.reread();
    expect(listener.drain()).toEqual(['put Node//a']);
  });

  test('is left alone after stop', () => {
    started();
    store.stop();
    write('a.yaml', node('a', '10.0.0.1'));
    expect(pass()).toEqual([]);
  });

  describe('where the system tells who writes', () => {
    let writing: boolean;
    /** The poll sees the change, and the file has stood still for as long as nobody need write. */
    const quickly = (): readonly string[] => {
      clock.advance(2006);
      return listener.drain();
    };

    beforeEach(() => {
      writing = false;
      store = new FileDatastore({ directory, clock, isOpenForWriting: () => writing });
      write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2'));
      started();
    });

    test('what a file adds or changes counts at once, what it lacks only when it has settled', () => {
      write('a.yaml', node('a', '10.0.0.9'), node('c', '10.0.0.3'));
      expect(quickly()).toEqual(['put Node//a', 'put Node//c']);
      clock.advance(90);
      expect(listener.drain()).toEqual([]);
      clock.advance(10);
      expect(listener.drain()).toEqual(['delete Node//b']);
    });

    test('an object that a file loses for a moment is never missed', () => {
      write('a.yaml', node('a', '10.0.0.1'));
      expect(quickly()).toEqual([]);
      write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2'));
      expect(pass()).toEqual([]);
    });

    test('an object may move to another file', () => {
      write('a.yaml', node('a', '10.0.0.1'));
      write('b.yaml', node('b', '10.0.0.4'));
      expect(quickly()).toEqual(['put Node//b']);
      expect(pass()).toEqual([]);
    });

    test('nothing is taken of a file that is written slowly, until the writer closes it', () => {
      writing = true;
      write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2').slice(0, -3));
      expect(pass()).toEqual([]);
      write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.2'), node('c', '10.0.0.3'));
      clock.advance(60);
      expect(listener.drain()).toEqual([]);
      writing = false;
      clock.advance(100);
      expect(listener.drain()).toEqual(['put Node//c']);
    });

    test('a file that somebody keeps open is taken when it has stood still for seconds', () => {
      writing = true;
      write('a.yaml', node('a', '10.0.0.9'));
      expect(pass()).toEqual([]);
      expect(pass()).toEqual(['delete Node//b', 'put Node//a']);
    });

    test('a fault is told only when the file has settled', () => {
      write('a.yaml', node('a', '10.0.0.1'), 'spec: {}\n');
      expect(quickly()).toEqual([]);
      expect(pass()).toEqual([expect.stringContaining('problem a.yaml:6:1')]);
    });

    test('a second change within a tick of the file system is seen', () => {
      const file = path.join(directory, 'a.yaml');
      const tick = new Date();
      write('a.yaml', node('a', '10.0.0.1'), node('b', '10.0.0.8'));
      utimesSync(file, tick, tick);
      expect(quickly()).toEqual(['put Node//b']);
      write('a.yaml', node('a', '10.0.0.7'), node('b', '10.0.0.8'));
      utimesSync(file, tick, tick);
      clock.advance(100);
      expect(listener.drain()).toEqual(['put Node//a']);
    });
  });

  test('is followed by events long before the next poll', async () => {
    const watched = new FileDatastore({
      directory,
      clock: processClock,
      isOpenForWriting: () => false,
      settle: 3e6,
      poll: 3e6,
    });
    watched.start(listener);
    listener.drain();
    write('a.yaml', node('a', '10.0.0.1'));
    await expect.poll(() => listener.drain(), { timeout: 10_000 }).toEqual(['put Node//a']);
    watched.stop();
  });
});
