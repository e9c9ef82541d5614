import type { CollectStatus } from '../../agent/node-status-report.ts';
import { FAMILIES, type Family } from '../../net/family.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { PeerStatus, RouteRow, SpeakerStatus, SpeakerView } from '../view.ts';
import { protocolsOf } from './protocols.ts';
import { wayOf } from './route-rows.ts';
import { birdVersion } from './show.ts';
import { dateTimeText, sinceText } from './time-text.ts';

/** Rows between two turns of the event loop. */
const SLICE = 256;

const SUFFIX: Readonly<Record<Family, 'V4' | 'V6'>> = {
  'ipv4-unicast': 'V4',
  'ipv6-unicast': 'V6',
};

/** Collects for a CalicoNodeStatus what Calico's own reporter reads of BIRD over its sockets. */
export const nodeStatusCollector =
  (view: SpeakerView, version: string, clock: Clock): CollectStatus =>
  async (classes) => {
    const status = view.status();
    const isUp = status.state === 'running' || status.state === 'restarting';
    return {
      ...(classes.includes('Agent') && { agent: agentPart(status, isUp, version) }),
      ...(classes.includes('BGP') && { bgp: bgpPart(view, isUp, clock) }),
      ...(classes.includes('Routes') && { routes: isUp ? await routesPart(view, clock) : {} }),
    };
  };

function agentPart(status: SpeakerStatus, isUp: boolean, version: string): object {
  const { routerId, startedAt, configuredAt = startedAt } = status;
  const daemon = isUp
    ? {
        state: 'Ready',
        version: birdVersion(version),
        routerID: routerId,
        lastBootTime: dateTimeText(Date.parse(startedAt)),
        lastReconfigurationTime: dateTimeText(Date.parse(configuredAt)),
      }
    : { state: 'NotReady' };
  return { birdV4: daemon, birdV6: daemon };
}

const PEER_TYPES: Readonly<Partial<Record<PeerStatus['type'], string>>> = {
  mesh: 'NodeMesh',
  node: 'NodePeer',
  global: 'GlobalPeer',
};

/** Workloads are no peers to Calico's reporter. */
function bgpPart(view: SpeakerView, isUp: boolean, clock: Clock): object {
  const now = clock.wallTime();
  const part = new Map<string, unknown>();
  for (const family of FAMILIES) {
    const protocols = isUp ? protocolsOf(view.status(), view.peers(), family) : [];
    const sessions = protocols.flatMap(({ peer, state }) => {
      const type = peer && PEER_TYPES[peer.type];
      return peer === undefined || type === undefined ? [] : [{ peer, type, isUp: state === 'up' }];
    });
    const established = sessions.filter((session) => session.isUp).length;
    const suffix = SUFFIX[family];
    part.set(`numberEstablished${suffix}`, established);
    part.set(`numberNotEstablished${suffix}`, sessions.length - established);
    const peers = sessions.map(({ peer: { address, state, since }, type }) => ({
      peerIP: address,
      type,
      state,
      since: sinceText(since, now),
    }));
    if (peers.length > 0) part.set(`peers${suffix}`, peers);
  }
  return Object.fromEntries(part);
}

async function routesPart(view: SpeakerView, clock: Clock): Promise<object> {
  const part = new Map<string, readonly object[]>();
  const peers = new Map(view.peers().map((peer) => [peer.name, peer]));
  for (const family of FAMILIES) {
    const routes: object[] = [];
    let taken = 0;
    const query = { view: 'table', peer: undefined, filtered: false, prefix: undefined } as const;
    for (const row of view.routes({ ...query, family })) {
      if (row.state !== 'rejected') routes.push(routeOf(row, peers));
      if (++taken % SLICE === 0) await new Promise<void>((resolve) => clock.soon(resolve));
    }
    if (routes.length > 0) part.set(`routes${SUFFIX[family]}`, routes);
  }
  return Object.fromEntries(part);
}

function routeOf(row: RouteRow, peers: ReadonlyMap<string, PeerStatus>): object {
  const { gateway = 'N/A', word, device } = wayOf(row);
  return {
    type: row.state === 'best' ? 'FIB' : 'RIB',
    destination: row.prefix,
    gateway,
    interface: word ?? device ?? '',
    learnedFrom: sourceOf(row, row.peer === undefined ? undefined : peers.get(row.peer)),
  };
}

const LOCAL_SOURCES = { kernel: 'Kernel', static: 'Static', direct: 'Direct' } as const;

function sourceOf({ source }: RouteRow, peer: PeerStatus | undefined): object {
  if (source !== 'bgp') return { sourceType: LOCAL_SOURCES[source] };
  const sourceType = peer?.type === 'mesh' ? 'NodeMesh' : 'BGPPeer';
  return { sourceType, ...(peer !== undefined && { peerIP: peer.address }) };
}
