import path from 'node:path';
import type { SpeakerConfig } from '../config/types.ts';
import { portHolder, type SocketHolder, unixSocketHolder } from '../linux/socket-holder.ts';
import { birdSocketFiles } from '../server/bird/bird-sockets.ts';
import { CommandError, type Io } from './io.ts';

/** RTPROT_BIRD of rtnetlink: how BIRD, and bengal in its place, mark their routes. */
const BIRD_PROTOCOL = 12;
const BGP_PORT = 179;

/**
 * Two daemons must not program one FIB under one mark, where each takes the other's routes for its own:
 * beside a BIRD that runs here nothing is started (design decision 9).
 */
export function refuseBesideBird({ kernel }: SpeakerConfig, io: Io): void {
  if (kernel?.protocol !== BIRD_PROTOCOL || kernel.program === false) return;
  const found = socketOfBird(io) ?? portOfBird();
  if (found === undefined) return;
  const { holder, place } = found;
  const who = `${holder.command} (process ${holder.pid})`;
  throw new CommandError(
    4,
    'bird-is-running',
    `${who} listens here and programs routes of protocol ${BIRD_PROTOCOL} too, so nothing was started`,
    { where: place, cure: 'stop it first, or give kernel.protocol another number' },
  );
}

interface Found {
  readonly holder: SocketHolder;
  readonly place: string;
}

function socketOfBird({ calicoDirectory, birdDirectory }: Io): Found | undefined {
  for (const file of [...birdSocketFiles(calicoDirectory), path.join(birdDirectory, 'bird.ctl')]) {
    const holder = unixSocketHolder(file);
    if (holder !== undefined) return { holder, place: `socket ${file}` };
  }
  return undefined;
}

/** Other daemons that hold the port have marks of their own, as FRR. */
function portOfBird(): Found | undefined {
  const holder = portHolder(BGP_PORT);
  const isBird = holder !== undefined && /^bird6?$/.test(holder.command);
  return isBird ? { holder, place: `port ${BGP_PORT}` } : undefined;
}
