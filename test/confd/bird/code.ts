import type { Cursor } from './lexer.ts';

export type Expression =
  | { readonly type: 'literal'; readonly value: string | number }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'defined'; readonly name: string }
  | { readonly type: 'not'; readonly operand: Expression }
  | {
      readonly type: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

export type Statement =
  | { readonly type: 'verdict'; readonly accept: boolean }
  | { readonly type: 'assign'; readonly name: string; readonly value: Expression }
  | { readonly type: 'add'; readonly numbers: readonly number[] }
  | { readonly type: 'call'; readonly name: string; readonly argument: Expression | undefined }
  | {
      readonly type: 'if';
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    };

/** Statements between braces, the opening one taken already. */
export function parseBlock(cursor: Cursor): readonly Statement[] {
  const statements: Statement[] = [];
  while (!cursor.take('}')) {
    if (cursor.take(';')) continue;
    statements.push(parseStatement(cursor));
  }
  return statements;
}

function parseStatement(cursor: Cursor): Statement {
  if (cursor.take('if')) return parseIf(cursor);
  const { text } = cursor.next();
  if (text === 'accept' || text === 'reject') {
    cursor.expect(';');
    return { type: 'verdict', accept: text === 'accept' };
  }
  if (cursor.take('=')) {
    const value = parseExpression(cursor);
    cursor.expect(';');
    return { type: 'assign', name: text, value };
  }
  return text.endsWith('.add') ? parseAdd(cursor) : parseCall(cursor, text);
}

function parseIf(cursor: Cursor): Statement {
  const condition = parseExpression(cursor);
  cursor.expect('then');
  const then = parseBranch(cursor);
  const otherwise = cursor.take('else') ? parseBranch(cursor) : [];
  return { type: 'if', condition, then, otherwise };
}

const parseBranch = (cursor: Cursor): readonly Statement[] =>
  cursor.take('{') ? parseBlock(cursor) : [parseStatement(cursor)];

function parseAdd(cursor: Cursor): Statement {
  const numbers: number[] = [];
  cursor.expect('(');
  cursor.expect('(');
  do numbers.push(Number(cursor.next().text));
  while (cursor.take(','));
  cursor.expect(')');
  cursor.expect(')');
  cursor.expect(';');
  return { type: 'add', numbers };
}

function parseCall(cursor: Cursor, name: string): Statement {
  cursor.expect('(');
  const argument = cursor.peek() === ')' ? undefined : parseExpression(cursor);
  cursor.expect(')');
  cursor.expect(';');
  return { type: 'call', name, argument };
}

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['=', '!=', '~', '!~', '<', '<=', '>', '>='],
  ['-', '+'],
];

function parseExpression(cursor: Cursor, level = 0): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return parsePrimary(cursor);
  let left = parseExpression(cursor, level + 1);
  for (let found = find(operators, cursor); found; found = find(operators, cursor))
    left = { type: 'binary', operator: found, left, right: parseExpression(cursor, level + 1) };
  return left;
}

const find = (operators: readonly string[], cursor: Cursor): string | undefined =>
  operators.find((operator) => cursor.take(operator));

function parsePrimary(cursor: Cursor): Expression {
  if (cursor.take('!')) return { type: 'not', operand: parsePrimary(cursor) };
  if (cursor.take('(')) {
    const inner = parseExpression(cursor);
    cursor.expect(')');
    return inner;
  }
  const token = cursor.next();
  if (token.type === 'string') return { type: 'literal', value: token.text };
  if (token.text === 'defined') {
    cursor.expect('(');
    const name = cursor.next().text;
    cursor.expect(')');
    return { type: 'defined', name };
  }
  if (/^\d+$/.test(token.text)) return { type: 'literal', value: Number(token.text) };
  if (/[/:]|^\d+\./.test(token.text)) return { type: 'literal', value: token.text };
  return { type: 'name', name: token.text };
}
