import type { PeerStatus } from '../server/view.ts';
import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import { formatOf, OUTPUT_OPTION, printDocument } from './output.ts';
import { peerText } from './peer-text.ts';

export const command: Command = {
  syntax: {
    name: 'peer',
    summary: 'Everything about one peer; exits 2 when it is not Established.',
    operands: 'ADDR',
    count: [1, 1],
    options: { output: OUTPUT_OPTION, socket: SOCKET_OPTION },
  },
  run: async (line, io) => {
    const daemon = await findDaemon(line, io);
    const [wanted = ''] = line.operands;
    const answer = await daemon.get(`/api/v1/peers?${new URLSearchParams({ peer: wanted })}`);
    const [peer] = (answer as { readonly peers: readonly PeerStatus[] }).peers;
    if (peer === undefined) return 2;
    await printDocument(peer, formatOf(line), () => peerText(peer, io.clock), io);
    return peer.state === 'Established' ? 0 : 2;
  },
};
