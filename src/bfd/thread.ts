import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { processClock } from '../runtime/process-clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { Engine } from './engine.ts';
import type { BfdCommand } from './messages.ts';
import { UdpNetwork } from './udp-network.ts';

/*
 * What runs in BFD's own thread, so that nothing that the speaker is busy with delays a packet. It is
 * told what to do, and tells what became of it.
 */

const port = parentPort;
if (port === null) throw new Error('this runs in a thread of its own');

const random = seededRandom(randomBytes(4).readUInt32BE());
const engine = new Engine({
  clock: processClock,
  random,
  network: new UdpNetwork(random),
  report: (report) => {
    port.postMessage(report);
    if (report.type === 'ended') port.close();
  },
});
port.on('message', (command: BfdCommand) => engine.command(command));
