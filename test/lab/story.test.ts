import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chaptersOf, checkDeeds } from '../../src/lab/story.ts';

const MEMBERS = ['node-1', 'reflector-1'];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'bengal-story-'));
  mkdirSync(path.join(directory, 'then'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (file: string, ...deeds: readonly (readonly [string, string])[]): void =>
  writeFileSync(
    path.join(directory, 'then', file),
    deeds
      .map(([kind, name]) =>
        JSON.stringify({ apiVersion: 'lab.bengal.io/v1', kind, metadata: { name } }),
      )
      .join('\n---\n'),
  );

const check = (): void => checkDeeds(chaptersOf(directory), MEMBERS);

describe('a story', () => {
  test('keeps what is done to members apart from resources', () => {
    const peer = 'apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: { name: p }\n';
    const kill = 'apiVersion: lab.bengal.io/v1\nkind: Kill\nmetadata: { name: node-1 }\n';
    writeFileSync(path.join(directory, 'then/1.yaml'), `${kill}---\n${peer}`);
    const [chapter] = chaptersOf(directory);
    expect(chapter?.resources.map(({ kind }) => kind)).toEqual(['BGPPeer']);
    expect(chapter?.deeds).toEqual([{ kind: 'Kill', member: 'node-1', place: 'then/1.yaml:1:1' }]);
  });

  test('may kill a member once more after it was replaced', () => {
    write('1.yaml', ['Kill', 'node-1'], ['Replace', 'node-1']);
    write('2.yaml', ['Kill', 'node-1'], ['Kill', 'reflector-1']);
    expect(check).not.toThrow();
  });

  test.each([
    [[['Kill', 'node-9']], 'there is no member node-9'],
    [[['Stop', 'node-1']], 'lab.bengal.io/v1 has no kind Stop'],
    [[['Replace', 'node-1']], 'node-1 is not dead'],
    [
      [
        ['Kill', 'node-1'],
        ['Kill', 'node-1'],
      ],
      'node-1 is dead already',
    ],
  ] as const)('cannot do %j', (deeds, message) => {
    write('1.yaml', ...deeds);
    expect(check).toThrow(
      expect.objectContaining({ message, where: expect.stringContaining('then/1.yaml:') }),
    );
  });
});
