import type { CalicoCase } from '../../test/confd/calico-cases.ts';
import { answers, Missing } from '../eventually.ts';
import type { Host } from '../runner.ts';
import type { TableRow } from './table-row.ts';
import type { Subject } from './world.ts';

const PROCESSES = [
  { version: '', size: 4 },
  { version: '6', size: 16 },
] as const;

const PARTS = ['', '_aggr', '_ipam'];

/** Folder of the programs of BIRD 1.6, the release that Calico's fork is based on. */
export function birdFolder(): string {
  const folder = process.env['BIRD_1_6'];
  if (folder !== undefined) return folder;
  throw new Missing(
    'BIRD_1_6 must name the folder with bird and bird6 of version 1.6: `apt-get download bird`, ' +
      '`dpkg -x bird_1.6*.deb DIR`, BIRD_1_6=DIR/usr/sbin',
  );
}

/** BIRD with the configuration that Calico's confd renders of a case, as Calico's image starts it. */
export class CalicoBird implements Subject {
  readonly product = 'BIRD';
  readonly #host: Host;
  readonly #case: CalicoCase;

  constructor(host: Host, found: CalicoCase) {
    this.#host = host;
    this.#case = found;
  }

  async start(): Promise<void> {
    for (const { version, size } of PROCESSES) {
      const files = PARTS.map((part, index) =>
        this.#host.write(`bird${version}${part}.cfg`, this.#case.bird[size][index] ?? ''),
      );
      const program = [`${birdFolder()}/bird${version}`, '-d', '-R', '-c', files[0] ?? ''];
      const daemon = this.#host.start(`bird${version}`, [...program, '-s', this.#socket(version)]);
      await answers(daemon, () => this.#ask(version, 'show status'));
    }
  }

  async table(): Promise<readonly TableRow[]> {
    const tables = await Promise.all(
      PROCESSES.map(({ version }) => this.#ask(version, 'show route all')),
    );
    return tables.flatMap(parseRoutes);
  }

  #socket(version: string): string {
    return `${this.#host.folder}/bird${version}.ctl`;
  }

  #ask(version: string, question: string): Promise<string> {
    const program = [`${birdFolder()}/birdc${version}`, '-s', this.#socket(version), '-r'];
    return this.#host.run([...program, ...question.split(' ')]);
  }
}

type Head = Readonly<Record<string, string | undefined>>;

const HEAD =
  /^(?<prefix>\S*)\s+(?:via (?<gateway>\S+) on (?<via>\S+)|dev (?<device>\S+)|(?<type>blackhole|unreachable|prohibited|multipath)) \[(?<source>\S+) [^\]]*\] (?<best>[*!]?) ?\((?<preference>\d+)/;

/**
 * Reads `show route all` of BIRD 1.6: further paths of a prefix leave its column blank; next hops of
 * a multipath route and attributes follow, indented by a tab.
 *
 *   10.0.0.2/32        via 10.192.0.3 on eth0 [Mesh_10_192_0_3 17:33:05] * (200/0) [i]
 *   	Type: BGP unicast univ
 *   	BGP.origin: IGP
 *   	BGP.local_pref: 2147483135
 */
function parseRoutes(text: string): readonly TableRow[] {
  const rows: TableRow[] = [];
  let prefix = '';
  for (const block of text.split(/\n(?=\S|[ ]{2,}\S)/)) {
    const [head = '', ...lines] = block.split('\n');
    const found = HEAD.exec(head)?.groups;
    if (found === undefined) continue;
    prefix = found['prefix'] || prefix;
    rows.push({
      prefix,
      source: (found['source'] ?? '').replace(/^(kernel|static|direct)1$/, '$1'),
      best: found['best'] !== '',
      preference: Number(found['preference']),
      way: wayOf(found),
      attributes: attributesOf(lines),
    });
  }
  return rows;
}

function wayOf({ gateway, via, device, type = '' }: Head): string {
  if (gateway !== undefined) return `${gateway} on ${via}`;
  return device === undefined ? type : `link on ${device}`;
}

function attributesOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const found = new Map(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^\t([A-Z]\w+\.\w+): ?(.*)$/.exec(line) ?? [];
      return name === '' ? [] : [[name, value.trim()] as const];
    }),
  );
  const of = (name: string, bird: string, text = (value: string) => value): object => {
    const value = found.get(bird);
    return value === undefined ? {} : { [name]: text(value) };
  };
  return {
    ...of('metric', 'Kernel.metric'),
    ...of('next hop', 'BGP.next_hop', (value) => value.split(' ')[0] ?? ''),
    ...of('path', 'BGP.as_path', (value) => value.replaceAll('{ ', '{').replaceAll(' }', '}')),
    ...of('origin', 'BGP.origin', (value) => value.toLowerCase()),
    ...of('local pref', 'BGP.local_pref'),
    ...of('MED', 'BGP.med'),
    ...of('communities', 'BGP.community', communities),
    ...of('large communities', 'BGP.large_community', communities),
    ...of('originator', 'BGP.originator_id'),
    ...of('clusters', 'BGP.cluster_list'),
  };
}

/** `(64512,7) (65000,1)` or `(64512, 3, 4)` as `64512:7 65000:1` or `64512:3:4`. */
const communities = (value: string): string =>
  [...value.matchAll(/\(([^)]*)\)/g)]
    .map(([, numbers = '']) => numbers.split(/,\s*/).join(':'))
    .sort()
    .join(' ');
