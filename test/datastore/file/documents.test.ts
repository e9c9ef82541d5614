import { describe, expect, test } from 'vitest';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { readDocuments } from '../../../src/datastore/file/documents.ts';
import { BengalError } from '../../../src/runtime/error.ts';

const read = (text: string): readonly Resource[] =>
  readDocuments('x.yaml', text).map(({ resource }) => resource);

const NODE = 'apiVersion: projectcalico.org/v3\nkind: Node\nmetadata:\n  name: a\n';

function fault(text: string): BengalError {
  try {
    readDocuments('x.yaml', text);
  } catch (error) {
    if (error instanceof BengalError) return error;
  }
  throw new Error('nothing is wrong with the file');
}

describe('a resource file', () => {
  test('is read the way Kubernetes reads YAML', () => {
    const [node] = read(`${NODE}  labels: { reflector: yes, plain: true, rack: 17 }
  annotations: { note: 5663:12 }
spec:
  community: 5663:12
  at: 2020-01-01
  mesh: off
`);
    expect(node).toEqual({
      apiVersion: 'projectcalico.org/v3',
      kind: 'Node',
      metadata: {
        name: 'a',
        labels: { reflector: 'true', plain: 'true', rack: '17' },
        annotations: { note: '5663:12' },
      },
      spec: { community: '5663:12', at: '2020-01-01', mesh: false },
    });
  });

  test('may hold several documents, empty ones and lists', () => {
    const list = `apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: Node, metadata: { name: b } }
- { apiVersion: v1, kind: NodeList, items: [{ apiVersion: v1, kind: Node, metadata: { name: c } }] }
`;
    const names = read(`---\n${NODE}---\n---\n# nothing\n---\n${list}`).map(
      (at) => at.metadata.name,
    );
    expect(names).toEqual(['a', 'b', 'c']);
    expect(read('')).toEqual([]);
    expect(read('# only a comment\n')).toEqual([]);
  });

  test('may be JSON', () => {
    expect(read('{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}')).toHaveLength(1);
  });

  test('encodes stringData as the API server would', () => {
    const [secret] = read(
      '{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: pw}}',
    );
    expect(secret?.data).toEqual({ k: 'cHc=' });
  });

  test.each([
    ['a bad line', `${NODE}spec:\n  a: [1, 2\n`, 'x.yaml:7:1'],
    ['a tab', `${NODE}\tspec: {}\n`, 'x.yaml:5:1'],
    ['a key twice', `${NODE}kind: Node\n`, 'x.yaml:5:1'],
    ['text instead of an object', `${NODE}---\nhello\n`, 'x.yaml:6:1'],
    ['an object without kind', '# x\n\napiVersion: v1\nmetadata: { name: a }\n', 'x.yaml:3:1'],
    ['an object without name', 'apiVersion: v1\nkind: Node\nmetadata: {}\n', 'x.yaml:1:1'],
    ['an unknown alias', `${NODE}spec: *nobody\n`, 'x.yaml:1:1'],
    ['a spec that is a list', `${NODE}spec: []\n`, 'x.yaml:1:1'],
  ])('with %s is refused whole, with the place', (_what, text, place) => {
    expect(fault(text)).toMatchObject({ code: 'malformed-file', where: place });
  });

  test('with a bomb of aliases is refused', () => {
    const levels = Array.from({ length: 9 }, (_, i) =>
      i === 0
        ? 'a0: &a0 [x, x, x]'
        : `a${i}: &a${i} [${Array(9)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
    );
    expect(fault(`${NODE}spec:\n  ${levels.join('\n  ')}\n`).code).toBe('malformed-file');
  });

  test('cannot reach the prototype of objects', () => {
    const [node] = read(`${NODE}spec:\n  __proto__: { polluted: true }\n`);
    expect(Object.keys(node?.spec ?? {})).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
