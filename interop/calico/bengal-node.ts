import path from 'node:path';
import { ControlClient } from '../../src/cli/control-client.ts';
import type { RouteRow } from '../../src/server/view.ts';
import type { CalicoCase } from '../../test/confd/calico-cases.ts';
import { answers } from '../eventually.ts';
import type { Host } from '../runner.ts';
import type { TableRow } from './table-row.ts';
import type { Subject } from './world.ts';

/** `default bgp_local_pref`: BIRD gives it to routes of eBGP when they come in, bengal where it counts. */
const BIRDS_DEFAULT = 100;

const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.js');

/** `bengal node` on the resources of a case. */
export class BengalNode implements Subject {
  readonly product = 'bengal';
  readonly #host: Host;
  readonly #case: CalicoCase;

  constructor(host: Host, found: CalicoCase) {
    this.#host = host;
    this.#case = found;
  }

  async start(): Promise<void> {
    const { resources, node, routerId } = this.#case;
    const directory = `${this.#host.folder}/resources`;
    await this.#host.run(['mkdir', directory]);
    const documents = resources.map((resource) => JSON.stringify(resource));
    this.#host.write('resources/all.yaml', documents.join('\n---\n'));
    const environment = [
      `CALICO_ENDPOINT_STATUS_PATH_PREFIX=${this.#host.folder}/none`,
      ...(routerId === undefined ? [] : [`CALICO_ROUTER_ID=${routerId}`]),
    ];
    const options = {
      '--node': node,
      '--datastore': 'file',
      '--path': directory,
      '--socket': this.#socket,
      '--http': 'off',
      '--bird-socket': 'off',
    };
    const command = [process.execPath, MAIN, 'node', ...Object.entries(options).flat()];
    const daemon = this.#host.start('bengal', ['env', ...environment, ...command]);
    await answers(daemon, async () => {
      if (!daemon.output().includes('"msg":"ready"')) throw new Error('no line with msg "ready"');
    });
  }

  async table(): Promise<readonly TableRow[]> {
    const rows: TableRow[] = [];
    for await (const row of new ControlClient(this.#socket).rows('/api/v1/routes')) {
      const route = row as RouteRow;
      if (route.state !== 'rejected') rows.push(tableRow(route));
    }
    return rows;
  }

  get #socket(): string {
    return `${this.#host.folder}/bengal.sock`;
  }
}

const tableRow = (row: RouteRow): TableRow => ({
  prefix: row.prefix,
  source: row.peer ?? row.source,
  best: row.state === 'best',
  preference: row.preference,
  way: wayOf(row),
  attributes: attributesOf(row),
});

function wayOf({
  type = 'unicast',
  gateway,
  nextHop,
  interface: device,
  ...row
}: RouteRow): string {
  if (row.state === 'unresolved') return 'unreachable';
  if (type !== 'unicast') return type;
  if (device !== undefined) return `${gateway ?? nextHop ?? 'link'} on ${device}`;
  return row.source === 'kernel' ? 'multipath' : 'blackhole';
}

function attributesOf(row: RouteRow): Readonly<Record<string, string>> {
  const of = (name: string, value: unknown): object =>
    value === undefined ? {} : { [name]: String(value) };
  const listed = (large: boolean): string | undefined => {
    const values = row.communities?.filter((text) => (text.split(':').length === 3) === large);
    return values === undefined || values.length === 0 ? undefined : [...values].sort().join(' ');
  };
  return {
    ...of('metric', row.metric),
    ...(row.source === 'bgp' ? of('next hop', row.nextHop) : {}),
    ...of('path', row.asPath),
    ...of('origin', row.origin),
    ...of('local pref', row.localPref ?? (row.source === 'bgp' ? BIRDS_DEFAULT : undefined)),
    ...of('MED', row.med),
    ...of('communities', listed(false)),
    ...of('large communities', listed(true)),
    ...of('originator', row.originatorId),
    ...of('clusters', row.clusterList?.join(' ')),
  };
}
