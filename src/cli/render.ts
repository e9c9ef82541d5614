import { derive } from '../confd/derive.ts';
import type { Derived } from '../confd/types.ts';
import { printConfig } from '../config/print.ts';
import type { Resource } from '../datastore/datastore.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Command } from './command.ts';
import {
  DATASTORE_OPTIONS,
  datastoreOf,
  environmentOf,
  type OpenedDatastore,
} from './datastore-options.ts';
import type { ExitCode, Io } from './io.ts';
import { type CommandLine, usage } from './options.ts';
import { formatOf, OUTPUT_OPTION, printDocument } from './output.ts';
import { printable } from './printable.ts';
import { Snapshot } from './snapshot.ts';

export const command: Command = {
  syntax: {
    name: 'render',
    summary:
      'Prints the configuration derived for a node; problems go to standard error. Exits 2 when an\n' +
      'object or file could not be taken.',
    operands: '',
    count: [0, 0],
    options: {
      node: { value: 'NAME', help: 'name of the node; default NODENAME' },
      ...DATASTORE_OPTIONS,
      provenance: { help: 'add the resource, field and rule of each value' },
      output: { ...OUTPUT_OPTION, choices: ['yaml', 'json'], help: 'how to print; default yaml' },
    },
  },
  run: async (line, io) => {
    const node = line.get('node') ?? io.env['NODENAME'];
    if (node === undefined || node === '') throw usage('option --node NAME is missing');
    const opened = (await datastoreOf(line, io))(io.clock);
    const environment = environmentOf(line, io);
    const { derived, faults } = await deriveOnce(
      opened,
      (resources) => derive(resources, node, environment),
      io,
    );
    for (const fault of faults) io.complain(printable(fault.describe()));
    for (const { where, message, cure } of derived.problems) {
      io.complain(printable(`${where}: ${message} (${cure})`));
    }
    if (derived.config === undefined) return 1;
    await print(derived, line, io);
    return verdict(derived, faults);
  },
};

interface Outcome {
  readonly derived: Derived;
  readonly faults: readonly BengalError[];
}

/** Reads everything once, and once more with what the first derivation asks for. */
async function deriveOnce(
  { datastore, need, patience }: OpenedDatastore,
  deriveFrom: (resources: Iterable<Resource>) => Derived,
  { clock }: Io,
): Promise<Outcome> {
  const snapshot = new Snapshot();
  datastore.start(snapshot);
  try {
    await snapshot.synchronisation(clock, patience);
    const first = deriveFrom(snapshot.resources);
    need(first.needs);
    if (snapshot.inSync) return { derived: first, faults: snapshot.faults };
    await snapshot.synchronisation(clock, patience);
    return { derived: deriveFrom(snapshot.resources), faults: snapshot.faults };
  } finally {
    datastore.stop();
  }
}

async function print(derived: Derived, line: CommandLine, io: Io): Promise<void> {
  if (derived.config === undefined) return;
  const config = printConfig(derived.config);
  const document = line.has('provenance')
    ? { config, provenance: Object.fromEntries(derived.provenance) }
    : config;
  const format = formatOf(line) === 'json' ? 'json' : 'yaml';
  await printDocument(document, format, () => '', io);
}

const verdict = ({ problems }: Derived, faults: readonly BengalError[]): ExitCode =>
  faults.length > 0 || problems.some(({ severity }) => severity === 'error') ? 2 : 0;
