import { statSync } from 'node:fs';
import type { LabOptions } from '../lab/lab.ts';
import type { Command } from './command.ts';
import type { ExitCode } from './io.ts';
import { usage } from './options.ts';

/** Runs a cluster; whatever way it ends, it has cleaned up before it resolves. */
export type RunLab = (options: LabOptions) => Promise<ExitCode>;

/** `bengal lab`, over the function that runs one. */
export const labCommand = (run: RunLab): Command => ({
  syntax: {
    name: 'lab',
    summary:
      'Runs the whole cluster that a directory of resources describes, in network namespaces with\n' +
      'real kernel FIBs where that is permitted, else in this process.',
    operands: 'DIR',
    count: [1, 1],
    options: {
      once: {
        help: 'play the whole story, print a table and end; exits 2 when something is missing',
      },
      datastore: {
        value: 'KIND',
        choices: ['file', 'etcd'],
        help: 'where the members read their resources; etcd is started for the time of the lab',
      },
    },
  },
  run: (line, io) => {
    const [directory = ''] = line.operands;
    if (!isDirectory(directory)) throw usage(`${directory} is not a directory`);
    const ending = new AbortController();
    io.onSignal((signal) => {
      if (signal === 'SIGHUP') return;
      if (ending.signal.aborted) io.exit(1);
      ending.abort();
    });
    return run({
      directory,
      once: line.has('once'),
      datastore: line.get('datastore') === 'etcd' ? 'etcd' : 'file',
      clock: io.clock,
      write: io.write,
      signal: ending.signal,
      program: io.program,
    });
  },
});

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
