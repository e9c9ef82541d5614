import { parseArgs } from 'node:util';
import { suggest } from '../config/suggest.ts';
import { CommandError } from './io.ts';

export interface OptionSyntax {
  /** Name of the value in the help, as `PATH`; absent for a switch. */
  readonly value?: string;
  readonly short?: string;
  /** May be given more than once. */
  readonly many?: boolean;
  /** The values that are allowed. */
  readonly choices?: readonly string[];
  readonly help: string;
}

/** What a command line may look like. */
export interface Syntax {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Operands as the help shows them, as `[PREFIX]`. */
  readonly operands: string;
  /** Fewest and most operands. */
  readonly count: readonly [number, number];
  readonly options: Readonly<Record<string, OptionSyntax>>;
}

/** A command line that fits its syntax. */
export class CommandLine {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>, operands: readonly string[]) {
    this.#values = values;
    this.operands = operands;
  }

  has(option: string): boolean {
    return this.#values.has(option);
  }

  /** The last value given. */
  get(option: string): string | undefined {
    return this.#values.get(option)?.at(-1);
  }

  all(option: string): readonly string[] {
    return this.#values.get(option) ?? [];
  }
}

const HELP: OptionSyntax = { short: 'h', help: 'show this help' };

/** Throws a `CommandError` that says what is wrong and what was probably meant. */
export function parseCommandLine(syntax: Syntax, args: readonly string[]): CommandLine {
  const options: Readonly<Record<string, OptionSyntax>> = { ...syntax.options, help: HELP };
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, short }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) } as const,
      ]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values = new Map<string, readonly string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const known = Object.hasOwn(options, name) ? options[name] : undefined;
    if (known === undefined) throw unknownOption(rawName, options);
    values.set(name, [...(values.get(name) ?? []), checked(rawName, known, value)]);
  }
  const line = new CommandLine(values, operands);
  if (!line.has('help')) checkCounts(syntax, line);
  return line;
}

function checked(name: string, option: OptionSyntax, value: string | undefined): string {
  if (option.value === undefined) {
    if (value !== undefined) throw usage(`option ${name} takes no value`);
    return '';
  }
  if (value === undefined) throw usage(`option ${name} needs a value: ${name} ${option.value}`);
  if (option.choices === undefined || option.choices.includes(value)) return value;
  throw usage(`option ${name}: ${value} is not one of ${option.choices.join(', ')}`);
}

function checkCounts({ options, count, operands }: Syntax, line: CommandLine): void {
  for (const [name, { many }] of Object.entries(options)) {
    if (many !== true && line.all(name).length > 1) throw usage(`option --${name} is given twice`);
  }
  const given = line.operands.length;
  if (given < count[0]) throw usage(`${operands} is missing`);
  const extra = line.operands[count[1]];
  if (extra !== undefined) throw usage(`${extra} is one operand too many`);
}

function unknownOption(
  rawName: string,
  options: Readonly<Record<string, OptionSyntax>>,
): CommandError {
  const name = rawName.replace(/^-+/, '');
  const meant = suggest(name, Object.keys(options));
  const hint = meant === undefined ? '' : `; did you mean --${meant}?`;
  return usage(`unknown option ${rawName}${hint}`);
}

/** An error of usage; the caller adds how to ask for help. */
export const usage = (message: string): CommandError => new CommandError(1, 'usage', message);

/** The text of `--help`. */
export function helpText(syntax: Syntax): string {
  const operands = syntax.operands === '' ? '' : ` ${syntax.operands}`;
  const rows = Object.entries({ ...syntax.options, help: HELP }).map(([name, option]) => {
    const { short, value, choices, help } = option;
    const dashed = `${short === undefined ? '    ' : `-${short}, `}--${name}`;
    const argument = value === undefined ? '' : ` ${choices?.join('|') ?? value}`;
    return [dashed + argument, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}\n`).join('');
  return `Usage: bengal ${syntax.name} [OPTIONS]${operands}\n\n${syntax.summary}\n\nOptions:\n${lines}`;
}
