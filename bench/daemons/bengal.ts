import path from 'node:path';
import type { Daemon } from './daemon.ts';

const MAIN = path.join(import.meta.dirname, '../../dist/cli/main.js');

/** As built; under another Node with BENGAL_NODE. */
export const bengal: Daemon = {
  name: 'bengal',
  binary: MAIN,
  files: ({ address, asn, clients }) => ({
    'speaker.json': JSON.stringify({
      asn,
      routerId: address,
      clusterId: address,
      listen: [{ address, port: 179 }],
      peers: clients.map((client, index) => ({
        name: `client${index}`,
        address: client,
        asn,
        passive: true,
        holdTime: 240,
        reflectorClient: true,
        families: ['ipv4-unicast'],
      })),
    }),
  }),
  command: ({ directory }) => [
    process.env['BENGAL_NODE'] ?? process.execPath,
    MAIN,
    'speaker',
    '--config',
    `${directory}/speaker.json`,
    '--socket',
    `${directory}/bengal.sock`,
    '--http',
    'off',
  ],
};
