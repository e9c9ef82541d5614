import { BMP_TABLES } from '../config/speaker-fields.ts';
import type { BmpConfig } from '../config/types.ts';
import { parseEndpoint } from './daemon.ts';
import type { Io } from './io.ts';
import { type CommandLine, type OptionSyntax, usage } from './options.ts';

const DEFAULT_PORT = 1790;
const DEFAULT_TABLES = 'pre-policy,loc-rib';
const STATS_INTERVAL = 60;

/** The BMP collectors of a daemon whose configuration is derived. */
export const BMP_OPTIONS: Readonly<Record<string, OptionSyntax>> = {
  bmp: {
    value: 'ADDR[:PORT]',
    many: true,
    help: `a BMP collector to feed; default BENGAL_BMP (comma-separated), port ${DEFAULT_PORT}`,
  },
  'bmp-rib': {
    value: 'TABLE,…',
    help: `what collectors are told of: ${BMP_TABLES.join(', ')}; default BENGAL_BMP_RIB, else ${DEFAULT_TABLES}`,
  },
};

/** The collectors that the command line names, else the environment; each once. */
export function collectorsOf(line: CommandLine, { env }: Io): readonly BmpConfig[] {
  const given = line.has('bmp') ? line.all('bmp') : wordsOf(env['BENGAL_BMP'] ?? '');
  const rib = tablesOf(line.get('bmp-rib') || env['BENGAL_BMP_RIB'] || DEFAULT_TABLES);
  const collectors = new Map<string, BmpConfig>();
  for (const text of given) {
    const { address, port } = parseEndpoint('bmp', text, DEFAULT_PORT);
    collectors.set(`${address} ${port}`, { address, port, rib, statsInterval: STATS_INTERVAL });
  }
  return [...collectors.values()];
}

const tablesOf = (text: string): BmpConfig['rib'] =>
  wordsOf(text).map((word) => {
    const table = BMP_TABLES.find((known) => known === word);
    if (table !== undefined) return table;
    throw usage(`option --bmp-rib: ${word} is not one of ${BMP_TABLES.join(', ')}`);
  });

const wordsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
