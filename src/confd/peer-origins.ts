import type { PeerConfig } from '../config/types.ts';
import type { OwnNode } from './own-node.ts';
import type { Peering } from './peering.ts';
import { builtIn, type Origins } from './trace.ts';
import type { Origin } from './types.ts';

const GREATER = 'the side with the greater address text waits';

/** Why a peer is waited for. */
const WAITS: Readonly<Record<Peering['type'], string>> = {
  Mesh: GREATER,
  Global: GREATER,
  Node: GREATER,
  Client: 'a reflector waits for its clients',
  Local_Workload: 'a node waits for its workloads',
};

/** What a peering is made of; its own origin stands for these. */
const OWN_FIELDS: readonly string[] = ['name', 'address', 'families'];

const EVERY_SESSION = builtIn('as every session of BIRD in Calico');

/** Where each field of a peer comes from. */
export function peerOrigins(config: PeerConfig, peering: Peering, own: OwnNode): Origins {
  const { origin, asn, port, passive, settings, family } = peering;
  const fields = Object.keys(config).filter((field) => !OWN_FIELDS.includes(field));
  const waits = passive ? WAITS[peering.type] : 'this side dials';
  const cluster = own.clusterId?.origin ?? builtIn('the node is no route reflector');
  const policies: Origin =
    settings.filters.length === 0
      ? builtIn('policies of every session')
      : { ...origin, field: 'spec.filters', rule: 'filters beside the policies of every session' };
  return {
    '': origin,
    ...Object.fromEntries(fields.map((field) => [`/${field}`, EVERY_SESSION])),
    '/asn': asn.origin,
    '/localAsn': own.asn.origin,
    '/port': port?.origin ?? builtIn("BGP's own port"),
    '/passive': { ...origin, rule: waits },
    '/reflectorClient': cluster,
    '/localAddress': settings.useNodeIp ? addressOrigin(own, family) : EVERY_SESSION,
    '/importPolicy': policies,
    '/exportPolicy': policies,
    ...settings.origins,
  };
}

function addressOrigin({ name }: OwnNode, family: Peering['family']): Origin {
  const rule = 'sessions start from the own address';
  if (name === '') return builtIn(`command line: ${rule}`);
  const field = family === 'ipv4-unicast' ? 'spec.bgp.ipv4Address' : 'spec.bgp.ipv6Address';
  return { resource: `Node//${name}`, field, rule };
}
