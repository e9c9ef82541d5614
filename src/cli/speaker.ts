import type { SpeakerConfig } from '../config/types.ts';
import type { SpeakerControl } from '../server/control.ts';
import type { SpeakerView } from '../server/view.ts';
import { refuseBesideBird } from './beside-bird.ts';
import type { Command } from './command.ts';
import { ConfigFile, readConfigFile } from './config-file.ts';
import { DAEMON_OPTIONS, type DaemonContext, type DaemonOptions, runDaemon } from './daemon.ts';
import { usage } from './options.ts';

/** A speaker that runs under a configuration which may change. */
export interface RunningSpeaker {
  readonly view: SpeakerView;
  readonly control: SpeakerControl;
  /** Resolves once it listens, or has told in its log why it cannot. */
  readonly settled: Promise<void>;
  apply(config: SpeakerConfig): void;
  /** Ends without a word to peers and without touching the FIB. */
  stop(): Promise<void>;
}

export type StartSpeaker = (config: SpeakerConfig, context: DaemonContext) => RunningSpeaker;

/** `bengal speaker`, over the function that starts one, which is loaded only when it is wanted. */
export const speakerCommand = (
  load: () => Promise<StartSpeaker>,
  openLog?: DaemonOptions['openLog'],
): Command => ({
  syntax: {
    name: 'speaker',
    summary: 'A plain BGP speaker, configured by one file that is watched.',
    operands: '',
    count: [0, 0],
    options: {
      config: { value: 'FILE', help: 'configuration in YAML or JSON' },
      ...DAEMON_OPTIONS,
    },
  },
  run: async (line, io) => {
    const file = line.get('config');
    if (file === undefined) throw usage('option --config FILE is missing');
    const read = readConfigFile(file);
    const { config } = read;
    refuseBesideBird(config, io);
    const startSpeaker = await load();
    const start: DaemonOptions['start'] = (context) => {
      const speaker = startSpeaker(config, context);
      const { clock, logger } = context;
      const apply = (changed: SpeakerConfig): void => speaker.apply(changed);
      const watched = new ConfigFile(read, { file, clock, logger, apply });
      return {
        view: speaker.view,
        control: speaker.control,
        settled: speaker.settled,
        reread: () => watched.reread(),
        stop: () => {
          watched.stop();
          return speaker.stop();
        },
      };
    };
    const options = { command: 'speaker' as const, name: config.routerId, start };
    return runDaemon(openLog === undefined ? options : { ...options, openLog }, line, io);
  },
});
