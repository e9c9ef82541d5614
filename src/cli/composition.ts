import { randomBytes } from 'node:crypto';
import { Agent } from '../agent/agent.ts';
import { SavedState } from '../agent/saved-state.ts';
import { Bfd } from '../bfd/bfd.ts';
import { startThreadEngine } from '../bfd/thread-engine.ts';
import type { SpeakerConfig } from '../config/types.ts';
import { RtnetlinkKernel } from '../kernel/rtnetlink-kernel.ts';
import { BmpExporter } from '../monitor/bmp/exporter.ts';
import { ProbeSet } from '../runtime/probe-set.ts';
import { seededRandom } from '../runtime/random.ts';
import { speakerControl } from '../server/speaker-control.ts';
import { speakerView } from '../server/speaker-view.ts';
import { Speaker } from '../speaker/speaker.ts';
import { NodeTransport } from '../transport/node-transport.ts';
import type { DaemonContext } from './daemon.ts';
import type { StartAgent } from './datastore-options.ts';
import { hostAddresses } from './host-addresses.ts';
import { readPasswords } from './password-files.ts';
import { Rehearsal } from './rehearsal/rehearsal.ts';
import type { StartSpeaker } from './speaker.ts';
import { TierUp } from './tier-up.ts';

/**
 * A speaker on this machine's sockets and kernel, and the moment when it listens. Who hands on what
 * others announce has rehearsed it.
 */
function composeSpeaker(
  { clock, logger, version, rehearses }: DaemonContext,
  { handsOn }: { readonly handsOn: boolean },
): {
  readonly speaker: Speaker;
  readonly probes: ProbeSet;
  readonly bmp: BmpExporter;
  readonly settled: Promise<void>;
  /** Ends without a word of BGP; BFD says that this is no failure. */
  readonly stop: () => Promise<void>;
} {
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const tiers = new TierUp(clock);
  let rehearsal: Rehearsal | undefined;
  const rehearsing = (is: boolean): void => tiers.rehearsing(is);
  const probes = new ProbeSet();
  const bfd = new Bfd(startThreadEngine, clock);
  const transport = new NodeTransport({ clock });
  const speaker = new Speaker({
    clock,
    bfd,
    random: seededRandom(randomBytes(4).readUInt32BE()),
    logger,
    probe: probes,
    transport,
    openKernel: (table) => new RtnetlinkKernel({ clock, table }),
    hostAddresses,
    software: `bengal/${version}`,
    changed: () => {
      if (speaker.ready) {
        settle();
        if (handsOn && rehearses) rehearsal ??= new Rehearsal({ clock, logger, rehearsing });
      }
      bmp.refresh();
    },
  });
  const sysDescr = `bengal ${version}`;
  const bmp = new BmpExporter({ speaker, transport, clock, logger, sysDescr });
  const stop = (): Promise<void> => {
    rehearsal?.cancel();
    tiers.cancel();
    bmp.stop();
    speaker.stop();
    return bfd.close();
  };
  return { speaker, probes, bmp, settled, stop };
}

export const startSpeaker: StartSpeaker = (config, context) => {
  const { speaker, probes, bmp, settled, stop } = composeSpeaker(context, { handsOn: true });
  const { clock, logger, version } = context;
  const apply = (wanted: SpeakerConfig): void => {
    const { known, held } = readPasswords(wanted, logger);
    speaker.apply(known, held);
  };
  apply(config);
  const name = config.routerId;
  return {
    view: speakerView({ command: 'speaker', name, version, speaker, clock, probes, bmp }),
    control: speakerControl(speaker),
    settled,
    apply,
    stop,
  };
};

export const startAgent: StartAgent = (options, context) => {
  const { command, name, datastore, derive, need, safety, collectors } = options;
  const { clock, logger, version } = context;
  const handsOn = command === 'reflector';
  const { speaker, probes, bmp, settled, stop } = composeSpeaker(context, { handsOn });
  const saved = savedStateOf(options, context);
  const agent = new Agent({
    datastore,
    derive,
    follow: ({ logLevel, needs }) => {
      context.setLogLevel(logLevel === 'none' ? 'warn' : logLevel);
      need(needs);
    },
    speaker: { apply: (config, held) => speaker.apply({ ...config, bmp: collectors }, held) },
    guard: safety.guard,
    ...(saved !== undefined && { saved }),
    clock,
    logger,
    probe: probes,
  });
  agent.start();
  return {
    view: speakerView({ command, name, version, speaker, agent, clock, probes, bmp }),
    control: speakerControl(speaker, agent),
    settled,
    stop: async () => {
      await Promise.all([agent.stop(), stop()]);
    },
  };
};

function savedStateOf(
  { command, name, place, safety }: Parameters<StartAgent>[0],
  { clock, logger }: DaemonContext,
): SavedState | undefined {
  const directory = safety.stateDirectory;
  if (directory === undefined) return undefined;
  const owner = { command, name, datastore: place };
  return new SavedState({ directory, owner, clock, logger });
}
