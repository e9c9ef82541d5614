import { type DecodeOptions, decodeLine } from '../wire/decode-line.ts';
import type { Command } from './command.ts';
import type { Io } from './io.ts';
import { type CommandLine, usage } from './options.ts';
import { printableJson } from './printable.ts';

/** Longest line of input, in characters: two a hexadecimal octet, and room for spaces. */
const MAX_LINE = 1_000_000;

export const command: Command = {
  syntax: {
    name: 'decode',
    summary:
      'Prints BGP messages, given as hexadecimal or one a line on standard input, as JSON, with what\n' +
      'RFC 7606 repairs; exits 2 when one is malformed. A line may begin with the columns asn4 addPath.',
    operands: '[HEX…]',
    count: [0, Number.POSITIVE_INFINITY],
    options: {
      asn4: { help: '4-octet AS numbers; the default' },
      asn2: { help: '2-octet AS numbers' },
      'add-path': { help: 'prefixes carry path identifiers' },
      peer: { value: 'KIND', choices: ['ebgp', 'ibgp'], help: 'kind of the session; default ibgp' },
      extended: { help: 'messages of up to 65535 octets (RFC 8654)' },
    },
  },
  run: async (line, io) => {
    const options = optionsOf(line);
    const lines = line.operands.length > 0 ? each(line.operands) : linesOf(io.input);
    let sound = true;
    for await (const text of lines) sound = (await print(text, options, io)) && sound;
    return sound ? 0 : 2;
  },
};

function optionsOf(line: CommandLine): DecodeOptions {
  if (line.has('asn4') && line.has('asn2'))
    throw usage('options --asn4 and --asn2: give one of them');
  return {
    as4: !line.has('asn2'),
    addPath: line.has('add-path'),
    kind: line.get('peer') === 'ebgp' ? 'ebgp' : 'ibgp',
    extendedMessages: line.has('extended'),
  };
}

async function print(text: string, options: DecodeOptions, io: Io): Promise<boolean> {
  const decoded = decodeLine(text, options);
  if (decoded === undefined) return true;
  await io.write(`${printableJson(decoded.json)}\n`);
  return decoded.wellFormed;
}

async function* each(operands: readonly string[]): AsyncGenerator<string> {
  yield* operands;
}

async function* linesOf(input: Io['input']): AsyncGenerator<string> {
  let rest = '';
  for await (const part of input) {
    const lines = (rest + part.toString()).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_LINE)
      throw usage(`a line of input is longer than ${MAX_LINE} characters`);
  }
  yield rest;
}
