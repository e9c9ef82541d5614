import type { Family } from '../../src/net/family.ts';
import { answers, Lacks } from '../eventually.ts';
import type { Host, Program } from '../runner.ts';
import {
  addressOf,
  type NeighborConfig,
  type Refreshes,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
} from '../speaker.ts';
import { unescaped } from './escapes.ts';
import { bgpdConfig } from './frr-config.ts';
import { parseFrrRoutes } from './frr-routes.ts';

/** FRR's zebra and bgpd, as Debian ships them. */
export class Frr implements Speaker {
  readonly product = 'frr';
  readonly host: Host;
  #config: SpeakerConfig;
  #zebra: Program | undefined;
  #bfdd: Program | undefined;
  #bgpd: Program | undefined;

  constructor(host: Host, config: SpeakerConfig) {
    this.host = host;
    this.#config = config;
  }

  async start({ config }: StartOptions = {}): Promise<void> {
    this.#config = config ?? this.#config;
    // zebra stays when bgpd restarts, as under watchfrr.
    if (!this.#zebra?.running) await this.#startZebra();
    const wantsBfd = this.#config.neighbors.some(({ bfd }) => bfd !== undefined);
    if (wantsBfd && !this.#bfdd?.running) await this.#startBfdd();
    const file = this.#write();
    const noKernel = this.#config.kernel ? [] : ['--no_kernel'];
    this.#bgpd = this.#daemon('bgpd', file, [...noKernel, '-l', '0.0.0.0', '-l', '::']);
    await answers(this.#bgpd, () => this.#ask('bgpd', 'show bgp summary json'));
    // With the defaults that are chosen here it is told wherever it is known.
    if (this.#config.softwareVersion && !(await this.#knows('software-version')))
      throw new Lacks('no software version before FRR 8.5');
  }

  /** Types in the lines of `router bgp` that are new. */
  async reconfigure(config: SpeakerConfig): Promise<void> {
    const before = new Set(bgpdConfig(this.#config, this.host).split('\n'));
    const after = bgpdConfig(config, this.host).split('\n');
    this.#config = config;
    this.#write();
    const added = after.filter((line) => /^ \S/.test(line) && !before.has(line));
    await this.#type(added);
  }

  async sessions(): Promise<readonly Session[]> {
    const text = await this.#ask('bgpd', 'show bgp neighbors json');
    const rows = JSON.parse(text) as Readonly<Record<string, FrrNeighbor>>;
    return this.#config.neighbors.map((neighbor) => {
      const { bgpState: state = 'Idle', connectionsDropped: drops = 0 } =
        rows[addressOf(neighbor)] ?? {};
      return { neighbor: neighbor.host.name, state, established: state === 'Established', drops };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const command = `show bgp ${family.replace('-', ' ')} json detail`;
    return parseFrrRoutes(await this.#ask('bgpd', command));
  }

  async reset(neighbor: NeighborConfig, text?: string): Promise<void> {
    if (text === undefined) await this.#ask('bgpd', `clear bgp ${addressOf(neighbor)}`);
    else {
      const shutdown = `neighbor ${addressOf(neighbor)} shutdown`;
      await this.#type([`${shutdown} message ${text}`, `no ${shutdown}`]);
    }
  }

  /** What a NOTIFICATION says is in its log alone. */
  async shown(neighbor: NeighborConfig): Promise<string> {
    const text = await this.#ask('bgpd', `show bgp neighbors ${addressOf(neighbor)}`);
    return unescaped(`${text}${this.#bgpd?.output()}`);
  }

  async refresh(neighbor: NeighborConfig, direction: 'in' | 'out'): Promise<void> {
    for (const family of neighbor.families) {
      const version = family.slice(0, 4);
      await this.#ask('bgpd', `clear bgp ${version} ${addressOf(neighbor)} soft ${direction}`);
    }
  }

  async refreshes(neighbor: NeighborConfig): Promise<Refreshes | undefined> {
    const text = await this.#ask('bgpd', `show bgp neighbors ${addressOf(neighbor)} json`);
    const rows = JSON.parse(text) as Readonly<Record<string, { messageStats?: FrrMessages }>>;
    const stats = rows[addressOf(neighbor)]?.messageStats;
    return stats && { sent: stats.routeRefreshSent, received: stats.routeRefreshRecv };
  }

  async bfdUp(neighbor: NeighborConfig): Promise<boolean> {
    const peers = JSON.parse(await this.#ask('bfdd', 'show bfd peers json')) as readonly FrrBfd[];
    return peers.some(({ peer, status }) => peer === addressOf(neighbor) && status === 'up');
  }

  async freeze(): Promise<void> {
    this.#bgpd?.signal('SIGSTOP');
    this.#bfdd?.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#bgpd?.signal('SIGCONT');
    this.#bfdd?.signal('SIGCONT');
  }

  /** BFD goes, too, as it does with a machine's FRR. */
  async kill(): Promise<void> {
    await Promise.all([this.#bgpd?.stop('SIGKILL'), this.#bfdd?.stop('SIGKILL')]);
  }

  #write(): string {
    return this.host.write('bgpd.conf', bgpdConfig(this.#config, this.host));
  }

  async #startZebra(): Promise<void> {
    this.#zebra = this.#daemon('zebra', this.host.write('zebra.conf', 'log stdout\n'), []);
    await answers(this.#zebra, () => this.#ask('zebra', 'show version'));
  }

  async #startBfdd(): Promise<void> {
    const file = this.host.write('bfdd.conf', 'log stdout debugging\n');
    // A socket that FRR 10 no longer has; until then every host needs its own.
    const options = await this.host.run(['/usr/lib/frr/bfdd', '--help']);
    const control = ['--bfdctl', `${this.host.folder}/bfdd.sock`];
    this.#bfdd = this.#daemon('bfdd', file, options.includes('--bfdctl') ? control : []);
    await answers(this.#bfdd, () => this.#ask('bfdd', 'show version'));
  }

  #daemon(name: string, config: string, more: readonly string[]): Program {
    const { folder } = this.host;
    const files = ['-f', config, '-i', `${folder}/${name}.pid`, '-z', `${folder}/zserv.api`];
    // As root, which must be of the vty group: so that a folder of ours will do.
    const user = ['-u', 'root', '-g', 'frrvty', '-P', '0', '--vty_socket', folder];
    return this.host.start(name, [`/usr/lib/frr/${name}`, ...user, ...files, ...more]);
  }

  async #knows(command: string): Promise<boolean> {
    return (await this.#ask('bgpd', `find ${command}`)).includes(command);
  }

  /** Enters lines of `router bgp`. */
  async #type(lines: readonly string[]): Promise<void> {
    const commands = ['configure terminal', `router bgp ${this.#config.asn}`, ...lines];
    const socket = ['--vty_socket', this.host.folder, '-d', 'bgpd'];
    await this.host.run(['/usr/bin/vtysh', ...socket, ...commands.flatMap((line) => ['-c', line])]);
  }

  #ask(daemon: string, question: string): Promise<string> {
    const socket = ['--vty_socket', this.host.folder, '-d', daemon];
    return this.host.run(['/usr/bin/vtysh', ...socket, '-c', question]);
  }
}

interface FrrNeighbor {
  readonly bgpState?: string;
  readonly connectionsDropped?: number;
}

interface FrrBfd {
  readonly peer: string;
  readonly status: string;
}

interface FrrMessages {
  readonly routeRefreshSent: number;
  readonly routeRefreshRecv: number;
}
