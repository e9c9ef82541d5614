import { suggest } from '../config/suggest.ts';
import { BengalError } from '../runtime/error.ts';
import type { Command } from './command.ts';
import type { StartAgent } from './datastore-options.ts';
import { CommandError, type ExitCode, type Io } from './io.ts';
import type { RunLab } from './lab.ts';
import { helpText, parseCommandLine } from './options.ts';
import { printable } from './printable.ts';

interface Entry {
  readonly summary: string;
  /** The rooms of a command are loaded when it is known to be wanted. */
  load(): Promise<{ readonly command: Command }>;
}

const COMMANDS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['node', { summary: "a node's BGP, configured by the datastore", load: loadNode }],
  ['reflector', { summary: 'a standalone route reflector', load: loadReflector }],
  ['speaker', { summary: 'a plain speaker, configured by a file', load: loadSpeaker }],
  ['lab', { summary: 'a whole cluster to look at', load: loadLab }],
  ['peers', { summary: 'the peers of a daemon', load: () => import('./peers.ts') }],
  ['peer', { summary: 'everything about one peer', load: () => import('./peer.ts') }],
  ['routes', { summary: 'the routes of a daemon', load: () => import('./routes.ts') }],
  ['clear', { summary: 'begins a session anew', load: () => import('./clear.ts') }],
  ['drain', { summary: 'the polite way out', load: () => import('./drain.ts') }],
  ['health', { summary: "Calico's probes, with reasons", load: () => import('./health.ts') }],
  [
    'accept-deletion',
    { summary: 'take a mass deletion for real', load: () => import('./accept-deletion.ts') },
  ],
  ['render', { summary: 'the configuration of a node', load: () => import('./render.ts') }],
  ['mrt', { summary: 'MRT files: dump, record, replay', load: () => import('./mrt.ts') }],
  ['decode', { summary: 'BGP messages as JSON', load: () => import('./decode.ts') }],
  ['version', { summary: 'version and platform', load: () => import('./version.ts') }],
]);

/** Runs a command line, without the interpreter and the script. */
export async function runCommandLine(args: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await io.write(overview());
    return name === undefined ? 1 : 0;
  }
  try {
    const { command } = await entryOf(name).load();
    const line = parseCommandLine(command.syntax, rest);
    if (!line.has('help')) return await command.run(line, io);
    await io.write(helpText(command.syntax));
    return 0;
  } catch (error) {
    if (!(error instanceof BengalError)) throw error;
    const lines = error.describe().split('\n').map(printable).join('\n');
    io.complain(`bengal ${printable(name)}: ${lines}`);
    if (error.code === 'usage')
      io.complain(`Try: bengal ${COMMANDS.has(name) ? `${name} ` : ''}--help`);
    return error instanceof CommandError ? error.exit : 1;
  }
}

function entryOf(name: string): Entry {
  const entry = COMMANDS.get(name === '--version' ? 'version' : name);
  if (entry !== undefined) return entry;
  const meant = suggest(name, [...COMMANDS.keys()]);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new CommandError(1, 'usage', `there is no such command${hint}`);
}

const startAgent = async (): Promise<StartAgent> => (await import('./composition.ts')).startAgent;

async function loadNode(): Promise<{ command: Command }> {
  return { command: (await import('./node.ts')).nodeCommand(startAgent) };
}

async function loadReflector(): Promise<{ command: Command }> {
  return { command: (await import('./reflector.ts')).reflectorCommand(startAgent) };
}

async function loadSpeaker(): Promise<{ command: Command }> {
  const { speakerCommand } = await import('./speaker.ts');
  return { command: speakerCommand(async () => (await import('./composition.ts')).startSpeaker) };
}

async function loadLab(): Promise<{ command: Command }> {
  const { labCommand } = await import('./lab.ts');
  const run: RunLab = async (options) => (await import('../lab/lab.ts')).runLab(options);
  return { command: labCommand(run) };
}

function overview(): string {
  const width = Math.max(...[...COMMANDS.keys()].map((name) => name.length));
  const lines = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Usage: bengal COMMAND [OPTIONS]\n\nCommands:\n${lines.join('')}\nbengal COMMAND --help tells more.\n`;
}
