import type { Daemon, Task } from './daemon.ts';

const neighbor = (client: string, { address, asn }: Task): string => `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${client}"
    peer-as = ${asn}
  [neighbors.transport.config]
    passive-mode = true
  [neighbors.timers.config]
    hold-time = 240
    keepalive-interval = 80
  [neighbors.route-reflector.config]
    route-reflector-client = true
    route-reflector-cluster-id = "${address}"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
`;

/** GoBGP without zebra or netlink. */
export const gobgp: Daemon = {
  name: 'gobgp',
  binary: '/usr/bin/gobgpd',
  files: (task) => ({
    'gobgpd.toml': `
[global.config]
  as = ${task.asn}
  router-id = "${task.address}"
  port = 179
  local-address-list = ["${task.address}"]
${task.clients.map((client) => neighbor(client, task)).join('')}`,
  }),
  command: ({ directory }) => [
    ...['/usr/bin/gobgpd', '-f', `${directory}/gobgpd.toml`, '-l', 'error'],
    ...['--api-hosts', '127.0.0.1:50051'],
  ],
};
