import { derive } from '../confd/derive.ts';
import type { Derived } from '../confd/types.ts';
import { printConfig } from '../config/print.ts';
import type { Resource } from '../datastore/datastore.ts';
import { keyOf } from '../datastore/datastore.ts';
import { FileDatastore } from '../datastore/file/file-datastore.ts';
import { BengalError } from '../runtime/error.ts';
import type { Command } from './command.ts';
import { DATASTORE_OPTIONS, directoryOf, environmentOf } from './datastore-options.ts';
import type { ExitCode, Io } from './io.ts';
import { type CommandLine, usage } from './options.ts';
import { formatOf, OUTPUT_OPTION, printDocument } from './output.ts';
import { printable } from './printable.ts';

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
    const { resources, faults } = readAll(directoryOf(line, io), io);
    const derived = derive(resources, node, environmentOf(line, io));
    for (const fault of faults) io.complain(printable(fault.describe()));
    for (const { where, message, cure } of derived.problems) {
      io.complain(printable(`${where}: ${message} (${cure})`));
    }
    if (derived.config === undefined) return 1;
    await print(derived, line, io);
    return verdict(derived, faults);
  },
};

/** Everything in a directory, once. */
function readAll(
  directory: string,
  { clock }: Io,
): { resources: readonly Resource[]; faults: readonly BengalError[] } {
  const resources = new Map<string, Resource>();
  const faults: BengalError[] = [];
  let synchronised = false;
  const datastore = new FileDatastore({ directory, clock });
  datastore.start({
    put: (resource) => resources.set(keyOf(resource), resource),
    delete: (key) => resources.delete(key),
    synchronised: () => {
      synchronised = true;
    },
    lostSync: () => {},
    problem: (error) => faults.push(error),
    resolved: () => {},
  });
  datastore.stop();
  const [fault] = faults;
  if (!synchronised) {
    throw fault ?? new BengalError('unreadable-directory', 'cannot be read', { where: directory });
  }
  return { resources: [...resources.values()], faults };
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
