import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { nodeStatusCollector } from '../../../src/server/bird/node-status.ts';
import { dateTimeText, sinceText } from '../../../src/server/bird/time-text.ts';
import { fakePeer, fakeRoute } from '../fake-view.ts';
import { NOW, RecordedNode } from './recorded-node.ts';

const since = '2026-11-21T08:11:57.000Z';
const shown = sinceText(since, NOW);

class ClockOfNow extends VirtualClock {
  override wallTime(): number {
    return NOW;
  }
}

interface Collected {
  readonly agent?: unknown;
  readonly bgp?: unknown;
  readonly routes?: Readonly<Record<string, readonly object[]>>;
  readonly turns: number;
}

describe('the status of a node for Calico', () => {
  let node: RecordedNode;

  beforeEach(() => {
    node = new RecordedNode();
  });

  /** What is collected; a long table is read in several turns, which `turns` counts. */
  async function collect(...classes: ('Agent' | 'BGP' | 'Routes')[]): Promise<Collected> {
    const clock = new ClockOfNow();
    let turns = 0;
    let done = false;
    const parts = nodeStatusCollector(
      node,
      '0.1.0',
      clock,
    )(classes).finally(() => {
      done = true;
    });
    for (; !done; turns++) {
      clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { ...(await parts), turns };
  }

  test('has of the agent what both daemons would say', async () => {
    const { agent, bgp } = await collect('Agent');
    const daemon = {
      state: 'Ready',
      version: 'v1.6.8+bengal0.1.0',
      routerID: '10.0.0.1',
      lastBootTime: dateTimeText(Date.parse(since)),
      lastReconfigurationTime: dateTimeText(Date.parse(since)),
    };
    expect(agent).toEqual({ birdV4: daemon, birdV6: daemon });
    expect(bgp).toBeUndefined();
  });

  test('has the sessions of either family by type, and none of workloads', async () => {
    const six = [{ ...fakePeer('', '').families[0], family: 'ipv6-unicast' as const }];
    node.peerRows = [
      fakePeer('Mesh_10_0_0_2', '10.0.0.2', { since }),
      fakePeer('Global_10_0_0_254', '10.0.0.254', { since, type: 'global', state: 'Idle' }),
      fakePeer('Local_Workload_10_1_0_9', '10.1.0.9', { type: 'configured' }),
      fakePeer('Node_fd00__5', 'fd00::5', {
        since,
        type: 'node',
        families: six as (typeof node.peerRows)[0]['families'],
      }),
    ];
    expect((await collect('BGP')).bgp).toEqual({
      numberEstablishedV4: 1,
      numberNotEstablishedV4: 1,
      numberEstablishedV6: 1,
      numberNotEstablishedV6: 0,
      peersV4: [
        { peerIP: '10.0.0.2', type: 'NodeMesh', state: 'Established', since: shown },
        { peerIP: '10.0.0.254', type: 'GlobalPeer', state: 'Idle', since: shown },
      ],
      peersV6: [{ peerIP: 'fd00::5', type: 'NodePeer', state: 'Established', since: shown }],
    });
  });

  test('counts no session as established while recovery lasts, as BIRD shows it', async () => {
    node.recovering = true;
    expect((await collect('BGP')).bgp).toMatchObject({ numberEstablishedV4: 0 });
  });

  test('has the routes, where they lead and who told them', async () => {
    const { routesV4 = [] } = (await collect('Routes')).routes ?? {};
    const routes = new Map(
      routesV4.map((route) => ['destination' in route ? route.destination : '', route]),
    );
    const kernel = { sourceType: 'Kernel' };
    const expected = [
      ['0.0.0.0/0', '10.0.0.254', 'eth0', kernel],
      ['10.0.0.0/24', 'N/A', 'eth0', { sourceType: 'Direct' }],
      ['198.51.100.0/24', 'N/A', 'unreachable', kernel],
      ['10.244.0.64/26', 'N/A', 'blackhole', { sourceType: 'Static' }],
      ['10.244.1.0/26', '10.0.0.2', 'eth0', { sourceType: 'NodeMesh', peerIP: '10.0.0.2' }],
    ] as const;
    for (const [destination, gateway, device, learnedFrom] of expected)
      expect(routes.get(destination)).toEqual({
        type: 'FIB',
        destination,
        gateway,
        interface: device,
        learnedFrom,
      });
    expect(routes.get('172.31.0.0/16')).toMatchObject({
      type: 'RIB',
      learnedFrom: { peerIP: '10.0.0.3' },
    });
  });

  test('names a peering that is no mesh, and does without a peer that is gone', async () => {
    node.peerRows = [fakePeer('Node_10_0_0_5', '10.0.0.5', { type: 'node' })];
    node.routeRows = [
      fakeRoute('fd00:1::/64', { peer: 'Node_10_0_0_5' }),
      fakeRoute('fd00:2::/64', { peer: 'Node_gone' }),
      fakeRoute('fd00:3::/64', { peer: 'Node_10_0_0_5', state: 'rejected' }),
    ];
    const { routesV6, ...others } = (await collect('Routes')).routes ?? {};
    expect(others).toEqual({});
    expect(routesV6).toMatchObject([
      { learnedFrom: { sourceType: 'BGPPeer', peerIP: '10.0.0.5' } },
      { learnedFrom: { sourceType: 'BGPPeer' } },
    ]);
  });

  test('is not ready, and has nothing else, before there is a configuration', async () => {
    node.state = 'waiting-for-datastore';
    const { turns: _, ...parts } = await collect('Agent', 'BGP', 'Routes');
    expect(parts).toEqual({
      agent: { birdV4: { state: 'NotReady' }, birdV6: { state: 'NotReady' } },
      bgp: {
        numberEstablishedV4: 0,
        numberNotEstablishedV4: 0,
        numberEstablishedV6: 0,
        numberNotEstablishedV6: 0,
      },
      routes: {},
    });
  });

  test('lets others have their turn while it reads a long table', async () => {
    node.routeRows = Array.from({ length: 2000 }, (_, i) =>
      fakeRoute(`10.${i >> 8}.${i & 255}.0/24`),
    );
    expect((await collect('Routes')).turns).toBeGreaterThan(5);
  });
});
