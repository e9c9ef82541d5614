import { describe, expect, test } from 'vitest';
import { helpText, parseCommandLine, type Syntax } from '../../src/cli/options.ts';

const syntax: Syntax = {
  name: 'try',
  summary: 'Tries options.',
  operands: '[PREFIX]',
  count: [0, 1],
  options: {
    socket: { value: 'PATH', help: 'where' },
    output: { value: 'FORMAT', short: 'o', choices: ['table', 'json'], help: 'how' },
    listen: { value: 'ADDR', many: true, help: 'many' },
    filtered: { help: 'a switch' },
  },
};

const parse = (...args: string[]): ReturnType<typeof parseCommandLine> =>
  parseCommandLine(syntax, args);

describe('a command line', () => {
  test('may put options before and after operands, with = or without', () => {
    const line = parse('--socket', '/a', '10.0.0.0/8', '--output=json', '--filtered');
    expect(line.get('socket')).toBe('/a');
    expect(line.get('output')).toBe('json');
    expect(line.has('filtered')).toBe(true);
    expect(line.operands).toEqual(['10.0.0.0/8']);
  });

  test('may use short names', () => {
    expect(parse('-o', 'json').get('output')).toBe('json');
    expect(parse('-ojson').get('output')).toBe('json');
    expect(parse('-h').has('help')).toBe(true);
  });

  test('takes everything behind -- as operands', () => {
    expect(parse('--', '--socket').operands).toEqual(['--socket']);
  });

  test('may repeat what may be repeated', () => {
    expect(parse('--listen', 'a', '--listen', 'b').all('listen')).toEqual(['a', 'b']);
  });

  test.each([
    [['--sokcet', '/a'], 'unknown option --sokcet; did you mean --socket?'],
    [['--entirely-else'], 'unknown option --entirely-else'],
    [['-x'], 'unknown option -x'],
    [['--__proto__'], 'unknown option --__proto__'],
    [['--socket'], 'option --socket needs a value: --socket PATH'],
    [['--filtered=yes'], 'option --filtered takes no value'],
    [['-o', 'xml'], 'option -o: xml is not one of table, json'],
    [['--socket', 'a', '--socket', 'b'], 'option --socket is given twice'],
    [['a', 'b'], 'b is one operand too many'],
  ])('%j is refused: %s', (args, message) => {
    expect(() => parse(...args)).toThrow(
      expect.objectContaining({ message, code: 'usage', exit: 1 }),
    );
  });

  test('a missing operand is named, unless help is asked for', () => {
    const needy: Syntax = { ...syntax, operands: 'ADDR', count: [1, 1] };
    expect(() => parseCommandLine(needy, [])).toThrow('ADDR is missing');
    expect(parseCommandLine(needy, ['--help']).has('help')).toBe(true);
  });
});

test('help shows every option with its value and its short name', () => {
  expect(helpText(syntax)).toBe(`Usage: bengal try [OPTIONS] [PREFIX]

Tries options.

Options:
      --socket PATH        where
  -o, --output table|json  how
      --listen ADDR        many
      --filtered           a switch
  -h, --help               show this help
`);
});
