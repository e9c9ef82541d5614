import { readFileSync } from 'node:fs';
import path from 'node:path';
import { formatPrefix } from '../../../src/net/prefix.ts';
import type {
  CapabilityStatus,
  PeerStatus,
  RouteQuery,
  RouteRow,
  SpeakerStatus,
} from '../../../src/server/view.ts';
import { FakeView, fakePeer, fakeRoute } from '../fake-view.ts';

export interface Exchange {
  readonly client: string | null;
  readonly daemon: string;
}

/** A recorded dialogue with Calico's BIRD. */
export const recording = (file: string): readonly Exchange[] =>
  JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/bird-socket', file), 'utf8'),
  );

const since = '2026-11-21T08:11:57.000Z';
/** A moment shortly after the recorded ones, in wall-clock milliseconds. */
export const NOW: number = Date.parse('2026-11-21T08:12:37.000Z');

const capability = (name: string, detail = ''): CapabilityStatus => ({ code: 0, name, detail });

const CAPABILITIES = [
  capability('multiprotocol', 'afi 1, safi 1'),
  capability('route-refresh'),
  capability('graceful-restart', 'restartTime 120, families [afi 1, safi 1, forwarding true]'),
  capability('as4', 'asn 64512'),
  capability('add-path', 'families [afi 1, safi 1, mode 3]'),
  capability('enhanced-route-refresh'),
  capability('long-lived-graceful-restart', 'families []'),
];

const up = (name: string, address: string, asn: number): PeerStatus =>
  fakePeer(name, address, {
    asn,
    kind: asn === 64512 ? 'ibgp' : 'ebgp',
    since,
    multihop: 64,
    routerId: address,
    localAddress: '10.0.0.1',
    capabilities: { ours: CAPABILITIES, theirs: CAPABILITIES },
    timers: {
      configuredHoldTime: 240,
      holdTime: 240,
      holdLeft: 189,
      keepaliveTime: 80,
      keepaliveLeft: 22,
    },
  });

const down = (name: string, address: string, more: Partial<PeerStatus>): PeerStatus =>
  fakePeer(name, address, { since, timers: { configuredHoldTime: 240 }, reason: 'down', ...more });

export const PEERS: readonly PeerStatus[] = [
  up('Mesh_10_0_0_2', '10.0.0.2', 64512),
  up('Mesh_10_0_0_3', '10.0.0.3', 64512),
  down('Mesh_10_0_0_9', '10.0.0.9', {
    state: 'Connect',
    lastError: { at: since, text: 'dial-failed: EHOSTUNREACH' },
  }),
  down('Mesh_10_0_0_8', '10.0.0.8', { state: 'Active', passive: true }),
  down('Global_10_0_0_254', '10.0.0.254', {
    state: 'Idle',
    asn: 65001,
    timers: { configuredHoldTime: 240, idleHoldLeft: 19 },
    lastNotification: { direction: 'sent', at: since, code: 2, subcode: 2, text: 'Bad Peer AS' },
  }),
  up('Node_10_0_0_5', '10.0.0.5', 65002),
];

const local = (prefix: string, more: Partial<RouteRow>): RouteRow => ({
  prefix,
  family: 'ipv4-unicast',
  source: 'kernel',
  state: 'best',
  reason: 'only-path',
  stale: false,
  type: 'unicast',
  preference: 10,
  since,
  ...more,
});

const fixed = (prefix: string, type: 'blackhole' | 'unreachable'): RouteRow =>
  local(prefix, { source: 'static', type, preference: 200 });

const mesh = (prefix: string, host: string, state: RouteRow['state'] = 'best'): RouteRow =>
  fakeRoute(prefix, {
    peer: `Mesh_${host.replaceAll('.', '_')}`,
    nextHop: host,
    gateway: host,
    interface: 'eth0',
    state,
    since,
  });

const outside = (prefix: string): RouteRow => ({
  ...mesh(prefix, '10.0.0.5'),
  peer: 'Node_10_0_0_5',
  origin: 'incomplete',
  asPath: '4200000001 65100 65002',
  med: 50,
  communities: ['65002:100', '65002:200', '65002:1:2'],
});

/** The table in the recorded order. */
const ROUTES: readonly RouteRow[] = [
  local('0.0.0.0/0', { nextHop: '10.0.0.254', interface: 'eth0' }),
  local('10.0.0.0/24', { source: 'direct', interface: 'eth0', preference: 240 }),
  outside('100.64.0.0/10'),
  local('198.51.100.0/24', { type: 'unreachable' }),
  local('198.51.101.0/24', { type: 'prohibit' }),
  fixed('10.96.0.0/16', 'blackhole'),
  outside('203.0.113.0/24'),
  local('192.0.2.0/24', { nextHop: '10.0.0.254', interface: 'eth0', metric: 100 }),
  mesh('172.31.0.0/16', '10.0.0.2'),
  mesh('172.31.0.0/16', '10.0.0.3', 'equal'),
  local('10.244.0.2/32', { interface: 'cali1234567890b' }),
  mesh('10.244.2.0/26', '10.0.0.3'),
  fixed('10.244.0.64/26', 'blackhole'),
  fixed('10.244.0.0/26', 'blackhole'),
  mesh('10.244.1.64/26', '10.0.0.2'),
  mesh('10.244.1.0/26', '10.0.0.2'),
  fixed('10.245.0.0/24', 'unreachable'),
  local('10.244.0.1/32', { interface: 'cali1234567890a' }),
];

/** The recorded node as a view; `recovering` while it waits for End-of-RIB. */
export class RecordedNode extends FakeView {
  recovering = false;
  state: SpeakerStatus['state'] = 'running';
  override peerRows: PeerStatus[] = [...PEERS];
  override routeRows: RouteRow[] = [...ROUTES];

  override status(): SpeakerStatus {
    const { recovering, state } = this;
    const recovery = { awaited: ['Mesh_10_0_0_9', 'Mesh_10_0_0_8'], secondsLeft: 177 };
    return { ...super.status(), startedAt: since, state, ...(recovering && { recovery }) };
  }

  override routes({ view, peer, prefix, family, filtered }: RouteQuery): Iterable<RouteRow> {
    if (filtered) return [];
    const rows = this.routeRows.filter(
      (row) =>
        (prefix === undefined || row.prefix === formatPrefix(prefix)) &&
        (family === undefined || row.family === family),
    );
    return view === 'out' ? sentTo(peer, rows) : rows;
  }
}

/** What the recorded node announces: its own networks, and to iBGP what eBGP told. */
function sentTo(peer: string | undefined, rows: readonly RouteRow[]): readonly RouteRow[] {
  const external = peer === 'Node_10_0_0_5';
  return rows
    .filter(
      ({ source, peer: from }) =>
        source === 'static' || (source === 'bgp' && (from === 'Node_10_0_0_5') !== external),
    )
    .map((row) => {
      const nextHop = row.source === 'static' || external ? '10.0.0.1' : (row.nextHop ?? '');
      const asPath = external ? '64512' : (row.asPath ?? '');
      return { ...row, origin: row.origin ?? 'igp', localPref: 100, asPath, nextHop };
    });
}
