import type { Daemon, Task } from './daemon.ts';

const config = ({ address, asn, clients }: Task): string => `
frr defaults datacenter
router bgp ${asn}
 bgp router-id ${address}
 no bgp default ipv4-unicast
 no bgp network import-check
 no bgp log-neighbor-changes
 neighbor CLIENTS peer-group
 neighbor CLIENTS remote-as ${asn}
 neighbor CLIENTS passive
 neighbor CLIENTS timers 80 240
 neighbor CLIENTS advertisement-interval 0
${clients.map((client) => ` neighbor ${client} peer-group CLIENTS`).join('\n')}
 address-family ipv4 unicast
  neighbor CLIENTS activate
  neighbor CLIENTS route-reflector-client
 exit-address-family
`;

/** FRR's bgpd alone: without zebra there is no FIB, and every next hop counts as reachable. */
export const frr: Daemon = {
  name: 'frr',
  binary: '/usr/lib/frr/bgpd',
  files: (task) => ({ 'bgpd.conf': config(task) }),
  command: ({ directory, address }) => [
    ...['/usr/lib/frr/bgpd', '-Z', '-S', '-u', 'root', '-g', 'root'],
    ...['-f', `${directory}/bgpd.conf`, '-i', `${directory}/bgpd.pid`],
    ...['--vty_socket', directory, '-P', '0', '-l', address],
    ...['--log', 'stdout', '--log-level', 'err'],
  ],
};
