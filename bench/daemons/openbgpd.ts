import type { Daemon, Task } from './daemon.ts';

const config = ({ directory, address, asn, clients }: Task): string => `
AS ${asn}
router-id ${address}
fib-update no
listen on ${address}
socket "${directory}/bgpd.sock"
holdtime 240
group "clients" {
  remote-as ${asn}
  route-reflector
  passive
  announce IPv4 unicast
  announce IPv6 none
${clients.map((client) => `  neighbor ${client}`).join('\n')}
}
allow from any
allow to any
`;

/** OpenBGPD: parent, session engine and decision engine; figures are sums over the three. */
export const openbgpd: Daemon = {
  name: 'openbgpd',
  binary: '/usr/sbin/bgpd',
  files: (task) => ({ 'bgpd.conf': config(task) }),
  // Its chroot must be there.
  command: ({ directory }) => [
    ...['/bin/sh', '-c'],
    `mkdir -p /run/openbgpd; exec /usr/sbin/bgpd -d -f ${directory}/bgpd.conf`,
  ],
};
