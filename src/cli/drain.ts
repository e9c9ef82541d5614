import type { Clock } from '../runtime/clock.ts';
import type { SpeakerStatus } from '../server/view.ts';
import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import { usage } from './options.ts';
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
      socket: SOCKET_OPTION,
    },
  },
  run: async (line, io) => {
    const wait = line.get('wait') ?? DEFAULT_WAIT;
    if (!/^\d{1,5}$/.test(wait)) throw usage(`option --wait: ${wait} is not a number of seconds`);
    const text = line.get('text');
    const daemon = await findDaemon(line, io);
    const { done } = await daemon.post(
      `/api/v1/drain?${new URLSearchParams({ wait, ...(text && { text }) })}`,
    );
    await io.write(`${printable(done)}\n`);
    while (((await daemon.get('/api/v1/status')) as SpeakerStatus).state !== 'drained') {
      await pause(io.clock);
    }
    await io.write('every session has ended; the FIB stays as it is until the daemon ends\n');
    return 0;
  },
};

const pause = (clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer('drain', INTERVAL, () => resolve());
  });
