import { isIpv6 } from '../speaker.ts';
import { ASN, type MeshNode, type MeshWorld, POOLS, SERVICES } from './world.ts';

/** The cluster as Calico's resources, in one list. */
export function resources({ nodes, rack }: MeshWorld): object {
  const peers = rack === undefined ? [] : [rack.host.ipv4, rack.host.ipv6];
  return {
    kind: 'List',
    items: [
      object('BGPConfiguration', 'default', {
        asNumber: ASN,
        serviceClusterIPs: SERVICES.map((cidr) => ({ cidr })),
      }),
      ...POOLS.map((cidr) =>
        object('IPPool', nameOf('pool', cidr), {
          cidr,
          ipipMode: 'Never',
          vxlanMode: 'Never',
          blockSize: isIpv6(cidr) ? 122 : 26,
        }),
      ),
      ...nodes.flatMap(objectsOf),
      ...peers.map((peerIP) =>
        object('BGPPeer', nameOf('rack', peerIP), { peerIP, asNumber: rack?.asn }),
      ),
    ],
  };
}

const objectsOf = ({ host, blocks }: MeshNode): readonly object[] => [
  object('Node', host.name, {
    bgp: { ipv4Address: `${host.ipv4}/24`, ipv6Address: `${host.ipv6}/64` },
  }),
  ...blocks.map((cidr) =>
    object('BlockAffinity', nameOf(host.name, cidr), { node: host.name, cidr, state: 'confirmed' }),
  ),
];

const object = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name },
  spec,
});

const nameOf = (what: string, address: string): string =>
  `${what}-${address.replaceAll(/[.:/]/g, '-')}`;
