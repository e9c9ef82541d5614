import { existsSync } from 'node:fs';
import { unixSocketHolder } from '../linux/socket-holder.ts';
import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import { BirdSockets, birdSocketFiles } from '../server/bird/bird-sockets.ts';
import { isListenedOn } from '../server/control-socket.ts';
import { hostInterfaces } from './host-interfaces.ts';
import { CommandError, type Io } from './io.ts';
import type { CommandLine, OptionSyntax } from './options.ts';
import { packageVersion } from './package-version.ts';

/** Where BIRD's control sockets are to be; `explicit` when a person asked for them. */
export interface BirdPlace {
  readonly directory: string;
  readonly explicit: boolean;
}

interface OpenedBird {
  readonly sockets?: BirdSockets;
  /** Why there are none, for the status. */
  readonly warnings: readonly string[];
}

export const BIRD_OPTION: OptionSyntax = {
  value: 'DIR|off',
  help: 'serve bird.ctl and bird6.ctl there; default /var/run/calico, where that exists',
};

/** The place that a command line names, or the default one where there is a Calico. */
export function birdPlaceOf(line: CommandLine, { calicoDirectory }: Io): BirdPlace | undefined {
  const named = line.get('bird-socket');
  if (named === 'off') return undefined;
  if (named !== undefined) return { directory: named, explicit: true };
  return existsSync(calicoDirectory) ? { directory: calicoDirectory, explicit: false } : undefined;
}

/**
 * Opens the sockets. A BIRD that runs there is an error before anything is started, since two
 * daemons must not program one FIB; any other trouble with a default place is a warning.
 */
export async function openBirdSockets(
  place: BirdPlace | undefined,
  clock: Clock,
  logger: Logger,
): Promise<OpenedBird> {
  if (place === undefined) return { warnings: [] };
  const { directory, explicit } = place;
  const sockets = new BirdSockets({
    directory,
    clock,
    logger,
    version: packageVersion(),
    interfaces: hostInterfaces,
  });
  try {
    for (const file of birdSocketFiles(directory)) await refuseLive(file);
    await sockets.open();
    return { sockets, warnings: [] };
  } catch (error) {
    const known = error instanceof BengalError && !(error instanceof CommandError);
    if (explicit || !known) throw error;
    logger.warn({ where: error.where, reason: error.message }, "BIRD's sockets are not available");
    return { warnings: [error.describe()] };
  }
}

async function refuseLive(file: string): Promise<void> {
  if (!existsSync(file) || !(await mayBeLive(file))) return;
  const holder = unixSocketHolder(file);
  const who =
    holder === undefined
      ? 'a process that cannot be seen from here'
      : `${holder.command} (process ${holder.pid})`;
  throw new CommandError(4, 'bird-is-running', `${who} listens here, so nothing was started`, {
    where: `socket ${file}`,
    cure: 'stop BIRD on this node first, or choose another place with --bird-socket DIR|off',
  });
}

/** What cannot be asked is not a live BIRD; opening the socket will say what is wrong. */
const mayBeLive = (file: string): Promise<boolean> => isListenedOn(file).catch(() => false);
