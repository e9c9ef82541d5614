import type { Family } from '../../src/net/family.ts';
import {
  ASN,
  type MeshNode,
  type MeshSession,
  type MeshWorld,
  ofFamily,
  POOLS,
  SERVICES,
  sessionsOf,
} from './world.ts';

/**
 * What Calico's confd renders for BIRD 1.6 of a node in such a world: for one family, in one file.
 * The metric of a route and its LOCAL_PREF are each 2147483647 less the other.
 */
export function calicoBirdConfig(world: MeshWorld, node: MeshNode, family: Family): string {
  return [
    `router id ${node.host.ipv4};`,
    ownRoutes(node, family),
    functions(node, family),
    'protocol device { scan time 2; }',
    'protocol direct { interface -"cali*", -"kube-ipvs*", "*"; }',
    'protocol kernel {',
    '  learn; persist; scan time 2; import all; export filter programmed;',
    '  graceful restart; merge paths on;',
    '}',
    ...sessionsOf(world, node, family).map(session),
    '',
  ].join('\n');
}

function ownRoutes({ blocks }: MeshNode, family: Family): string {
  const prefixes = ofFamily([...blocks, ...SERVICES], family);
  return ['protocol static {', ...prefixes.map((at) => `  route ${at} blackhole;`), '}'].join('\n');
}

function functions({ blocks }: MeshNode, family: Family): string {
  const services = ofFamily(SERVICES, family);
  const pools = ofFamily(POOLS, family);
  return [
    'function announced(bool internal) {',
    '  if (internal && defined(ifname)) then {',
    '    if ((ifname ~ "*.cali") || (ifname ~ "*.calico") || (ifname ~ "tunl0")) then reject;',
    '  }',
    ...ofFamily(blocks, family).flatMap((block) => [
      `  if (net = ${block}) then accept;`,
      `  if (net ~ ${block} && krt_metric < 1024) then accept;`,
      `  if (net ~ ${block}) then reject;`,
    ]),
    ...[...services, ...pools].map((range) => `  if (net ~ ${range}) then accept;`),
    '}',
    'filter programmed {',
    ...services.map((range) => `  if (net ~ ${range}) then reject;`),
    '  if (defined(source) && (source = RTS_BGP) && !defined(krt_metric)) then {',
    '    krt_metric = 1024;',
    '    if (defined(bgp_local_pref)) then krt_metric = 2147483647 - bgp_local_pref;',
    '    if (krt_metric < 1024) then preference = 200;',
    '  }',
    '  accept;',
    '}',
  ].join('\n');
}

const session = ({ name, local, remote, asn, passive }: MeshSession): string =>
  [
    `protocol bgp ${name} {`,
    `  local as ${ASN};`,
    `  neighbor ${remote} as ${asn};`,
    `  source address ${local};`,
    '  multihop; ttl security off; gateway recursive; add paths on; graceful restart;',
    '  connect delay time 2; connect retry time 5; error wait time 5,30;',
    '  import filter {',
    '    if (defined(bgp_local_pref) && (bgp_local_pref > 2147482623)) then preference = 200;',
    '    accept;',
    '  };',
    '  export filter {',
    '    if (defined(source) && source = RTS_BGP && defined(bgp_local_pref)) then {',
    '      krt_metric = 2147483647 - bgp_local_pref;',
    '    } else {',
    '      if (!defined(krt_metric)) then krt_metric = 1024;',
    '      bgp_local_pref = 2147483647 - krt_metric;',
    '    }',
    `    announced(${asn === ASN});`,
    '    reject;',
    '  };',
    ...(passive ? ['  passive on;'] : []),
    '}',
  ].join('\n');
