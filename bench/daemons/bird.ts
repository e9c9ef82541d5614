import type { Daemon, Task } from './daemon.ts';

const config = ({ address, asn, clients }: Task): string => `
log stderr { warning, error, fatal, bug };
router id ${address};
protocol device { scan time 60; }
# The connected subnet, in which next hops are found.
protocol direct { ipv4; interface "bench*"; }
# No kernel protocol is on this table: nothing goes to the FIB.
ipv4 table announced;
template bgp reflected {
  local as ${asn};
  rr client;
  passive yes;
  hold time 240;
  ipv4 { table announced; igp table master4; import all; export all; };
}
${clients.map((client, index) => `protocol bgp c${index} from reflected { neighbor ${client} as ${asn}; }`).join('\n')}
`;

/** BIRD 2 or 3, one protocol for each client, as Calico's templates write it. */
export const bird: Daemon = {
  name: 'bird',
  binary: '/usr/sbin/bird',
  files: (task) => ({ 'bird.conf': config(task) }),
  command: ({ directory }) => [
    '/usr/sbin/bird',
    '-f',
    '-c',
    `${directory}/bird.conf`,
    '-s',
    `${directory}/bird.ctl`,
  ],
};
