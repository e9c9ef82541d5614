import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import { printable } from './printable.ts';

export const command: Command = {
  syntax: {
    name: 'accept-deletion',
    summary:
      'Takes a mass deletion for real that is held back, and names the objects. Exits 4 while the\n' +
      'datastore is not in sync.',
    operands: '',
    count: [0, 0],
    options: { socket: SOCKET_OPTION },
  },
  run: async (line, io) => {
    const daemon = await findDaemon(line, io);
    const { done, objects = [] } = await daemon.post('/api/v1/accept-deletion');
    await io.write([done, ...objects].map((text) => `${printable(text)}\n`).join(''));
    return 0;
  },
};
