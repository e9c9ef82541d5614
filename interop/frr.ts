import type { Family } from '../src/net/family.ts';
import { eventually } from './eventually.ts';
import { bgpdConfig } from './frr-config.ts';
import type { Host, Program } from './runner.ts';
import {
  addressOf,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
} from './speaker.ts';

const FOLDER = '/usr/lib/frr';

/** FRR's zebra and bgpd, as Debian ships them. */
export class Frr implements Speaker {
  readonly product = 'frr';
  readonly host: Host;
  #config: SpeakerConfig;
  #zebra: Program | undefined;
  #bgpd: Program | undefined;

  constructor(host: Host, config: SpeakerConfig) {
    this.host = host;
    this.#config = config;
  }

  async start({ config }: StartOptions = {}): Promise<void> {
    this.#config = config ?? this.#config;
    // zebra stays when bgpd restarts, as under watchfrr.
    if (!this.#zebra?.running) await this.#startZebra();
    const file = this.host.write('bgpd.conf', bgpdConfig(this.#config, this.host));
    const noKernel = this.#config.kernel ? [] : ['--no_kernel'];
    this.#bgpd = this.#daemon('bgpd', file, [...noKernel, '-l', '0.0.0.0', '-l', '::']);
    await this.#answers('bgpd', 'show bgp summary json');
  }

  async sessions(): Promise<readonly Session[]> {
    const text = await this.#ask('bgpd', 'show bgp neighbors json');
    const rows = JSON.parse(text) as Readonly<Record<string, { readonly bgpState?: string }>>;
    return this.#config.neighbors.map((neighbor) => {
      const state = rows[addressOf(neighbor)]?.bgpState ?? 'Idle';
      return { neighbor: neighbor.host.name, state, established: state === 'Established' };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const command = `show bgp ${family.replace('-', ' ')} detail json`;
    return parseFrrRoutes(await this.#ask('bgpd', command));
  }

  freeze(): void {
    this.#bgpd?.signal('SIGSTOP');
  }

  async kill(): Promise<void> {
    await this.#bgpd?.stop('SIGKILL');
  }

  async #startZebra(): Promise<void> {
    this.#zebra = this.#daemon('zebra', this.host.write('zebra.conf', 'log stdout\n'), []);
    await this.#answers('zebra', 'show version');
  }

  #daemon(name: string, config: string, more: readonly string[]): Program {
    const { folder } = this.host;
    const files = ['-f', config, '-i', `${folder}/${name}.pid`, '-z', `${folder}/zserv.api`];
    // -S with user root: no change of user, so that a folder of ours will do.
    const user = ['-S', '-u', 'root', '-g', 'root', '-P', '0', '--vty_socket', folder];
    return this.host.start(name, [`${FOLDER}/${name}`, ...user, ...files, ...more]);
  }

  async #answers(daemon: string, question: string): Promise<void> {
    await eventually(`${daemon} answers`, 20, async () => {
      await this.#ask(daemon, question);
      return undefined;
    });
  }

  #ask(daemon: string, question: string): Promise<string> {
    const socket = ['--vty_socket', this.host.folder, '-d', daemon];
    return this.host.run(['/usr/bin/vtysh', ...socket, '-c', question]);
  }
}

interface FrrPath {
  readonly aspath?: { readonly string?: string };
  readonly bestpath?: { readonly overall?: boolean };
  readonly nexthops?: readonly { readonly ip?: string; readonly scope?: string }[];
  readonly originatorId?: string;
  readonly clusterList?: { readonly list?: readonly string[] };
  readonly sourced?: boolean;
}

/** Reads `show bgp … detail json`; routes of its own are left out. */
export function parseFrrRoutes(text: string): readonly Route[] {
  const { routes = {} } = JSON.parse(text) as {
    readonly routes?: Readonly<Record<string, readonly FrrPath[] | FrrEntry>>;
  };
  return Object.entries(routes).flatMap(([prefix, entry]) => {
    const paths = 'paths' in entry ? entry.paths : entry;
    return paths.filter((path) => !path.sourced).map((path) => routeOf(prefix, path));
  });
}

interface FrrEntry {
  readonly paths: readonly FrrPath[];
}

function routeOf(prefix: string, path: FrrPath): Route {
  const nextHops = path.nexthops ?? [];
  const nextHop = nextHops.find(({ scope }) => scope !== 'link-local') ?? nextHops[0];
  const asPath = path.aspath?.string ?? '';
  return {
    prefix,
    best: path.bestpath?.overall === true,
    nextHop: nextHop?.ip ?? '',
    asPath: asPath === 'Local' ? '' : asPath,
    ...(path.originatorId === undefined ? {} : { originatorId: path.originatorId }),
    ...(path.clusterList?.list === undefined ? {} : { clusterList: path.clusterList.list }),
  };
}
