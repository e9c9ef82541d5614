import type { Clock } from '../runtime/clock.ts';
import type { SpeakerStatus } from '../server/view.ts';
import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import type { ExitCode, Io } from './io.ts';
import { type CommandLine, usage } from './options.ts';
import { printable } from './printable.ts';

const DEFAULT_WAIT = '30';
/** Milliseconds between two looks at the daemon. */
const INTERVAL = 500;

export const command: Command = {
  syntax: {
    name: 'drain',
    summary: 'The polite way out of a daemon; returns when every session has ended.',
    operands: '',
    count: [0, 0],
    options: {
      wait: {
        value: 'SECONDS',
        help: `how long peers may look for other ways before routes are withdrawn; default ${DEFAULT_WAIT}`,
      },
      text: { value: 'TEXT', help: 'told to the peers as the reason (RFC 9003)' },
      cancel: { help: 'takes a drain back before its sessions end' },
      socket: SOCKET_OPTION,
    },
  },
  run: async (line, io) => {
    if (line.has('cancel')) return cancel(line, io);
    const wait = line.get('wait') ?? DEFAULT_WAIT;
    if (!/^\d{1,5}$/.test(wait)) throw usage(`option --wait: ${wait} is not a number of seconds`);
    const text = line.get('text');
    const daemon = await findDaemon(line, io);
    const { done } = await daemon.post(
      `/api/v1/drain?${new URLSearchParams({ wait, ...(text && { text }) })}`,
    );
    await io.write(`${printable(done)}\n`);
    const state = async () => ((await daemon.get('/api/v1/status')) as SpeakerStatus).state;
    let at = await state();
    for (; at === 'draining'; at = await state()) await pause(io.clock);
    if (at !== 'drained') {
      await io.write('the drain was taken back\n');
      return 2;
    }
    await io.write('every session has ended; the FIB stays as it is until the daemon ends\n');
    return 0;
  },
};

async function cancel(line: CommandLine, io: Io): Promise<ExitCode> {
  if (line.has('wait') || line.has('text')) {
    throw usage('option --cancel: goes without --wait and --text');
  }
  const daemon = await findDaemon(line, io);
  const { done } = await daemon.post('/api/v1/drain?cancel=true');
  await io.write(`${printable(done)}\n`);
  return 0;
}

const pause = (clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer('drain', INTERVAL, () => resolve());
  });
