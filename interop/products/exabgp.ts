import type { Family } from '../../src/net/family.ts';
import { answers, Lacks } from '../eventually.ts';
import type { Host, Program } from '../runner.ts';
import {
  addressOf,
  type Refreshes,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
} from '../speaker.ts';
import { exabgpConfig, MESSAGES } from './exabgp-config.ts';
import { type ExabgpEvent, exabgpEvent, replay } from './exabgp-events.ts';

/** ExaBGP: it keeps no table, so what it tells its helper process is played back into one. */
export class ExaBgp implements Speaker {
  readonly product = 'exabgp';
  readonly host: Host;
  #config: SpeakerConfig;
  #daemon: Program | undefined;

  constructor(host: Host, config: SpeakerConfig) {
    this.host = host;
    this.#config = config;
  }

  async start({ config }: StartOptions = {}): Promise<void> {
    this.#config = config ?? this.#config;
    this.host.write(MESSAGES, '');
    const file = this.host.write('exabgp.conf', exabgpConfig(this.#config, this.host));
    const settings = {
      'exabgp.daemon.user': 'root',
      'exabgp.api.cli': 'false',
      'exabgp.log.destination': 'stdout',
      'exabgp.tcp.port': '179',
      'exabgp.tcp.bind': [
        ...new Set(this.#config.neighbors.map((at) => this.host[at.transport])),
      ].join(' '),
    };
    const environment = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    this.#daemon = this.host.start('exabgp', [
      '/usr/bin/env',
      ...environment,
      '/usr/sbin/exabgp',
      file,
    ]);
    await answers(this.#daemon, async () => {
      if (this.#daemon?.output().includes('loaded new configuration successfully')) return;
      throw new Error('the configuration is not loaded');
    });
  }

  reconfigure(): Promise<void> {
    throw new Lacks('nothing is changed while it runs');
  }

  async sessions(): Promise<readonly Session[]> {
    const { states } = replay(this.#events());
    return this.#config.neighbors.map((neighbor) => {
      const state = states.get(addressOf(neighbor)) ?? 'none';
      return { neighbor: neighbor.host.name, state, established: state === 'up' };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    return replay(this.#events())
      .routes.filter((route) => route.family === family)
      .map(({ route }) => route);
  }

  reset(): Promise<void> {
    throw new Lacks('no reset without its command pipe');
  }

  async shown(): Promise<string> {
    return this.host.read(MESSAGES) ?? '';
  }

  refresh(): Promise<void> {
    throw new Lacks('no refresh without its command pipe');
  }

  async refreshes(): Promise<Refreshes | undefined> {
    return undefined;
  }

  bfdUp(): Promise<boolean> {
    throw new Lacks('no BFD');
  }

  async freeze(): Promise<void> {
    this.#daemon?.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#daemon?.signal('SIGCONT');
  }

  async kill(): Promise<void> {
    await this.#daemon?.stop('SIGKILL');
  }

  #events(): readonly ExabgpEvent[] {
    const lines = this.host.read(MESSAGES)?.split('\n').slice(0, -1) ?? [];
    return lines.map(exabgpEvent);
  }
}
