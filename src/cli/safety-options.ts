import { DEFAULT_SHARE } from '../agent/agent.ts';
import type { Io } from './io.ts';
import { type CommandLine, type OptionSyntax, usage } from './options.ts';

/** How a daemon behaves when its datastore loses objects, or is not there at the start. */
export const SAFETY_OPTIONS: Readonly<Record<string, OptionSyntax>> = {
  'deletion-guard': {
    value: 'PERCENT|off',
    help: 'Nodes or peers that may not vanish within a minute; default BENGAL_DELETION_GUARD, else 50',
  },
  'state-dir': {
    value: 'DIR|off',
    help: 'keep the last good state there, passwords included, for a start without the datastore; default BENGAL_STATE_DIR',
  },
};

export interface Safety {
  readonly guard: number | 'off';
  /** Undefined keeps no state. */
  readonly stateDirectory: string | undefined;
}

/** What the command line and the environment say, else half of the Nodes, and `stateDirectory`. */
export function safetyOf(line: CommandLine, { env }: Io, stateDirectory: string | 'off'): Safety {
  const directory = line.get('state-dir') || env['BENGAL_STATE_DIR'] || stateDirectory;
  return {
    guard: guardOf(line.get('deletion-guard') || env['BENGAL_DELETION_GUARD'] || ''),
    stateDirectory: directory === 'off' ? undefined : directory,
  };
}

function guardOf(text: string): number | 'off' {
  if (text === '') return DEFAULT_SHARE;
  if (text === 'off') return 'off';
  const percent = /^\d{1,3}%?$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (percent >= 1 && percent <= 100) return percent / 100;
  throw usage(`option --deletion-guard: ${text} is not a percentage from 1 to 100, nor off`);
}
