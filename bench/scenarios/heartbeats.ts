import { asStored } from '../../src/datastore/kubernetes/as-stored.ts';
import { KindTable } from '../../src/datastore/kubernetes/kind-table.ts';
import { WATCHED_KINDS } from '../../src/datastore/kubernetes/kinds.ts';
import { readWatchEvent } from '../../src/datastore/kubernetes/watch-event.ts';
import { cpuOf } from '../figures.ts';
import type { Scenario } from '../scenario.ts';

const NODES = 5000;
const IMAGES = 50;

const images = Array.from({ length: IMAGES }, (_, index) => ({
  names: [
    `registry.example/team/app-${index}@sha256:${'ab'.repeat(32)}`,
    `registry.example/team/app-${index}:v1.2.${index}`,
  ],
  sizeBytes: 12_345_678 + index,
}));

/** What a kubelet's report of a busy node looks like in a watch: some 12 kB. */
const heartbeat = (number: number, version: number): string =>
  JSON.stringify({
    type: 'MODIFIED',
    object: {
      kind: 'Node',
      apiVersion: 'v1',
      metadata: {
        name: `node-${number}`,
        resourceVersion: String(version),
        labels: Object.fromEntries(
          Array.from({ length: 15 }, (_, index) => [
            `labels.example/key-${index}`,
            `value-${index}`,
          ]),
        ),
        annotations: { 'projectcalico.org/IPv4Address': `10.0.${number >> 8}.${number & 255}/16` },
      },
      spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] },
      status: {
        conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
          type,
          status: 'False',
          lastHeartbeatTime: new Date(version * 1000).toISOString(),
        })),
        images,
      },
    },
  });

export const scenarios: readonly Scenario[] = [
  {
    name: 'heartbeats',
    about: `${NODES} kubelets report their status through the API server's watch; nothing that is read changes`,
    needsRoot: false,
    run: async () => {
      const kind = WATCHED_KINDS.find((at) => at.kind === 'Node');
      if (kind === undefined) throw new Error('Nodes are not watched');
      let told = 0;
      const tell = (): void => void told++;
      const table = new KindTable({
        put: tell,
        delete: tell,
        synchronised: tell,
        lostSync: tell,
        problem: tell,
        resolved: tell,
      });
      const take = (line: string): void => {
        const event = readWatchEvent(line, kind.id);
        if (event.type !== 'bookmark') table.put(asStored(kind, event.object));
      };
      for (let node = 0; node < NODES; node++) take(heartbeat(node, node));
      const lines = Array.from({ length: NODES }, (_, node) => heartbeat(node, NODES + node));
      told = 0;
      const spent = await cpuOf(() => lines.forEach(take));
      const each = (spent * 1000) / NODES;
      const figures = {
        'CPU us each': each,
        'CPU % at one in 10 s': (each * NODES) / 10 / 10_000,
        'CPU % at one in 5 min': (each * NODES) / 300 / 10_000,
        'told the agent': told,
      };
      return [{ what: `${NODES} heartbeats`, target: 'bengal', figures }];
    },
  },
];
