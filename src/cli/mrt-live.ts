import { randomBytes } from 'node:crypto';
import { describeProblem, resolveConfig } from '../config/resolve.ts';
import type { SpeakerConfig } from '../config/types.ts';
import { OfflineRib } from '../monitor/mrt/offline-rib.ts';
import { originalPace } from '../monitor/mrt/pace.ts';
import { silentLogger } from '../runtime/logger.ts';
import { silentProbe } from '../runtime/probe.ts';
import { seededRandom } from '../runtime/random.ts';
import { stateName } from '../speaker/report-peer.ts';
import { Speaker } from '../speaker/speaker.ts';
import { NodeTransport } from '../transport/node-transport.ts';
import { parseEndpoint } from './daemon.ts';
import { hostAddresses } from './host-addresses.ts';
import type { ExitCode, Io } from './io.ts';
import { readOctets } from './mrt-files.ts';
import { type CommandLine, usage } from './options.ts';

const BGP_PORT = 179;
const DEFAULT_ROUTER_ID = '192.0.2.1';
const TARGET = 'target';

/** `bengal mrt replay --to`: a session that announces what a file holds, until it is interrupted. */
export async function replayTo(line: CommandLine, file: string, io: Io): Promise<ExitCode> {
  const config = configOf(line);
  const speed = speedOf(line);
  const octets = readOctets(file, io);
  const interruption = new Promise<'interrupted'>((resolve) => {
    io.onSignal(() => resolve('interrupted'));
  });
  const { speaker, established } = speakerFor(io);
  speaker.apply(config);
  io.complain(`bengal mrt: waiting for a session with ${line.get('to')}`);
  try {
    if ((await Promise.race([established, interruption])) === 'interrupted') return 2;
    const replay = new OfflineRib(io.clock, undefined, speaker.rib);
    const pace = speed === undefined ? undefined : originalPace(io.clock, speed);
    const fed = replay.feed(octets, pace).then(() => {
      io.complain(`bengal mrt: ${file} is replayed; an interrupt ends the session`);
      return interruption;
    });
    await Promise.race([fed, interruption]);
    return isUp(speaker) && replay.refused === 0 ? 0 : 2;
  } finally {
    speaker.apply({ ...config, peers: [] });
    await new Promise<void>((resolve) => io.clock.soon(resolve));
    speaker.stop();
  }
}

function isUp(speaker: Speaker): boolean {
  const peer = speaker.peer(TARGET);
  return peer !== undefined && stateName(peer) === 'Established';
}

/** A speaker that only dials, and the moment when its session is up. */
function speakerFor({ clock }: Io): { speaker: Speaker; established: Promise<'established'> } {
  let settle = (): void => {};
  const established = new Promise<'established'>((resolve) => {
    settle = () => resolve('established');
  });
  const speaker = new Speaker({
    clock,
    random: seededRandom(randomBytes(4).readUInt32BE()),
    logger: silentLogger,
    probe: silentProbe,
    transport: new NodeTransport({ clock }),
    openKernel: () => {
      throw new Error('a replay has no FIB');
    },
    hostAddresses,
    changed: () => {
      if (isUp(speaker)) settle();
    },
  });
  return { speaker, established };
}

function configOf(line: CommandLine): SpeakerConfig {
  const asn = asnOf(line, 'asn');
  if (asn === undefined) throw usage('option --asn N is missing: our AS number');
  const outcome = resolveConfig({
    asn,
    routerId: line.get('router-id') ?? DEFAULT_ROUTER_ID,
    kernel: false,
    peers: [
      {
        name: TARGET,
        ...parseEndpoint('to', line.get('to') ?? '', BGP_PORT),
        asn: asnOf(line, 'peer-asn') ?? asn,
        importPolicy: 'reject',
        exportPolicy: 'accept',
        gracefulRestart: false,
      },
    ],
  });
  if ('config' in outcome) return outcome.config;
  throw usage(outcome.errors.map(describeProblem).join('; '));
}

function asnOf(line: CommandLine, option: string): number | undefined {
  const text = line.get(option);
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usage(`option --${option}: ${text} is not an AS number`);
}

function speedOf(line: CommandLine): number | undefined {
  const text = line.get('speed');
  if (text === undefined) return undefined;
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw usage(`option --speed: ${text} is not a number above 0`);
}
