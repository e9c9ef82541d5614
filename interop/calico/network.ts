import type { CalicoCase } from '../../test/confd/calico-cases.ts';
import { ipBatch } from '../ip-batch.ts';
import type { Host } from '../runner.ts';
import { firstRoutes, laterRoutes } from './kernel-routes.ts';
import type { PeerScript } from './scripted-peer.ts';
import { subnetOf } from './sessions.ts';
import { type Surroundings, surroundingsOf, UNREACHABLE } from './surroundings.ts';

/** Pairs of devices that a node has besides `eth0`; nothing answers behind them. */
const DEVICES = [
  ['cali1', 'tunl0'],
  ['vxlan.calico', 'wireguard.cali'],
  ['bpfin.cali', 'kube-ipvs0'],
  ['eth1', 'eth2'],
] as const;

const ADDRESSES = [
  '192.168.221.65/32 dev tunl0',
  '192.168.99.1/32 dev vxlan.calico',
  '10.96.0.10/32 dev kube-ipvs0',
  '10.250.0.1/24 dev eth1',
  'fd25::1/64 dev eth1 nodad',
];

/** Gives `node` the interfaces, addresses and routes of the case's node, and `peers` its peers'. */
export async function setUp(
  node: Host,
  peers: Host,
  found: CalicoCase,
  scripts: readonly PeerScript[],
): Promise<void> {
  const own = ([4, 16] as const).flatMap((size) => subnetOf(found, size) ?? []);
  const immediate = (address: string): string => (address.includes(':') ? ' nodad' : '');
  const add = (address: string): string => `addr add ${address} dev eth0${immediate(address)}`;
  const addresses = [...new Set(scripts.map(({ address }) => address))];
  await Promise.all([
    ipBatch(peers, 'network', [
      ...addresses.map((address) => add(`${address}/${address.includes(':') ? 128 : 32}`)),
      ...own.map((subnet) => `route add ${subnet.split('/')[0]} dev eth0`),
    ]),
    ipBatch(node, 'network', [
      ...DEVICES.map(([a, b]) => `link add ${a} type veth peer name ${b}`),
      ...DEVICES.flat().map((device) => `link set ${device} up`),
      ...[...own.map((subnet) => `${subnet} dev eth0${immediate(subnet)}`), ...ADDRESSES].map(
        (address) => `addr add ${address}`,
      ),
      `route add default via ${peers.ipv4} proto 4`,
      `route add default via ${peers.ipv6} proto 4`,
      `route add unreachable ${UNREACHABLE[4]} proto 4`,
      `route add unreachable ${UNREACHABLE[16]} proto 4`,
      ...bothOf(found).flatMap(firstRoutes),
      `route add 10.99.1.0/24 via ${peers.ipv4} proto 12 metric 1024`,
      `route add fd99:1::/64 via ${peers.ipv6} proto 12 metric 1024`,
    ]),
  ]);
}

/** Changes the routes of `node` once more. */
export const change = (node: Host, found: CalicoCase): Promise<string> =>
  ipBatch(node, 'change', bothOf(found).flatMap(laterRoutes));

const bothOf = ({ bird }: CalicoCase): readonly Surroundings[] =>
  ([4, 16] as const).map((size) => surroundingsOf(bird[size], size));
