import type {
  MetricFamily,
  PeerStatus,
  Readiness,
  RouteQuery,
  RouteRow,
  SpeakerStatus,
  SpeakerView,
} from '../../src/server/view.ts';

const noMessages = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };

export const fakePeer = (
  name: string,
  address: string,
  more: Partial<PeerStatus> = {},
): PeerStatus => ({
  name,
  type: 'mesh',
  kind: 'ibgp',
  address,
  port: 179,
  asn: 64512,
  localAsn: 64512,
  reflectorClient: false,
  passive: false,
  state: 'Established',
  reason: 'established',
  since: '2026-01-01T00:00:00.000Z',
  flaps: 0,
  families: [
    {
      family: 'ipv4-unicast',
      negotiated: true,
      received: 3,
      accepted: 2,
      rejected: 1,
      sent: 4,
      endOfRibReceived: true,
      endOfRibSent: true,
    },
  ],
  messages: { received: noMessages, sent: noMessages },
  malformed: {},
  capabilities: { ours: [{ code: 65, name: 'four-octet-as', detail: 'AS 64512' }] },
  timers: { configuredHoldTime: 90, holdTime: 90, keepaliveTime: 30, holdLeft: 61.5 },
  queuedBytes: 0,
  ...more,
});

export const fakeRoute = (prefix: string, more: Partial<RouteRow> = {}): RouteRow => ({
  prefix,
  family: prefix.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast',
  source: 'bgp',
  peer: 'Mesh_10_0_0_2',
  state: 'best',
  reason: 'only-path',
  stale: false,
  nextHop: '10.0.0.2',
  preference: 100,
  origin: 'igp',
  asPath: '',
  localPref: 100,
  since: '2026-01-01T00:00:00.000Z',
  ...more,
});

const status: SpeakerStatus = {
  command: 'node',
  name: 'worker-1',
  version: '0.1.0',
  asn: 64512,
  routerId: '10.0.0.1',
  startedAt: '2026-01-01T00:00:00.000Z',
  state: 'running',
  listening: [{ address: '10.0.0.1', port: 179 }],
  peers: { configured: 2, established: 2 },
  tables: [{ family: 'ipv4-unicast', prefixes: 3, paths: 5 }],
  warnings: [],
};

/** A view whose parts a test may replace; it keeps the route queries that it was asked. */
export class FakeView implements SpeakerView {
  peerRows: PeerStatus[] = [
    fakePeer('Mesh_10_0_0_2', '10.0.0.2'),
    fakePeer('Node_10_0_0_3', '10.0.0.3'),
  ];
  routeRows: Iterable<RouteRow> = [fakeRoute('10.1.0.0/26'), fakeRoute('10.1.0.64/26')];
  metricFamilies: MetricFamily[] = [];
  ready: Readiness = { ready: true, checks: [] };
  dump: Iterable<Uint8Array> = [];
  readonly recorders: Set<(record: Uint8Array) => void> = new Set();
  /** What the status has beside the usual. */
  more: Partial<SpeakerStatus> = {};
  readonly queries: RouteQuery[] = [];

  status(): SpeakerStatus {
    return { ...status, ...this.more };
  }

  peers(): readonly PeerStatus[] {
    return this.peerRows;
  }

  routes(query: RouteQuery): Iterable<RouteRow> {
    this.queries.push(query);
    return this.routeRows;
  }

  config(): object {
    return { asn: 64512, routerId: '10.0.0.1' };
  }

  *tableDump(): Generator<Uint8Array> {
    yield* this.dump;
  }

  recordMessages(write: (record: Uint8Array) => void): () => void {
    this.recorders.add(write);
    return () => this.recorders.delete(write);
  }

  readiness(): Readiness {
    return this.ready;
  }

  metrics(): Iterable<MetricFamily> {
    return this.metricFamilies;
  }
}
