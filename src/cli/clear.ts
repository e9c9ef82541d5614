import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import { usage } from './options.ts';
import { printable } from './printable.ts';

export const command: Command = {
  syntax: {
    name: 'clear',
    summary: 'Begins the session with a peer anew, or only its routes.',
    operands: 'ADDR',
    count: [1, 1],
    options: {
      soft: {
        value: 'DIRECTION',
        choices: ['in', 'out'],
        help: 'keeps the session: asks the peer for its routes, or sends it ours, once more',
      },
      text: { value: 'TEXT', help: 'told to the peer as the reason (RFC 9003); not with --soft' },
      socket: SOCKET_OPTION,
    },
  },
  run: async (line, io) => {
    const [peer = ''] = line.operands;
    const [soft, text] = [line.get('soft'), line.get('text')];
    if (soft !== undefined && text !== undefined) {
      throw usage('option --text: nothing is told to the peer with --soft');
    }
    const daemon = await findDaemon(line, io);
    const given = { peer, ...(soft && { soft }), ...(text && { text }) };
    const { done } = await daemon.post(`/api/v1/clear?${new URLSearchParams(given)}`);
    await io.write(`${printable(done)}\n`);
    return 0;
  },
};
