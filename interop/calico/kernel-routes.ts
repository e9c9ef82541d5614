import { formatPrefix, type Prefix } from '../../src/net/prefix.ts';
import { hostOf, isRoomy, type Surroundings } from './surroundings.ts';

/** Where the hosts of a prefix begin that the kernel has routes to. */
const FIRST = 200;

/** What Felix, an operator and others put into a node's FIB: a type, and a way. */
function waysOf({ remote, neighbors: [first, second] }: Surroundings): readonly [string, string][] {
  return [
    ['', 'dev cali1 proto 80 metric 1024'],
    ['', 'dev cali1 proto 80 metric 512'],
    ['', 'dev cali1 proto 80 metric 5000'],
    ['', 'dev cali1 proto 80'],
    ['', `via ${first} dev eth0 proto 4 metric 1024`],
    ['', `via ${remote} dev tunl0 onlink proto 80 metric 1024`],
    ['', `via ${remote} dev vxlan.calico onlink proto 80 metric 1024`],
    ['', `via ${remote} dev wireguard.cali onlink proto 80 metric 1024`],
    ['', 'dev bpfin.cali proto 80 metric 1024'],
    ['blackhole', 'proto 80 metric 1024'],
    ['unreachable', 'proto 80 metric 1024'],
    ['', `proto 4 metric 1024 nexthop via ${first} dev eth0 nexthop via ${second} dev eth0`],
  ];
}

/** Commands of `ip` that add these routes, each kind within each prefix. */
export function firstRoutes(around: Surroundings): readonly string[] {
  const ways = waysOf(around);
  return around.prefixes.flatMap((prefix) =>
    isRoomy(prefix)
      ? ways.map((way, index) => add(hostOf(prefix, FIRST + index), way))
      : ways.slice(0, 2).map((way, index) => add(hostOf(prefix, index + 1), way)),
  );
}

/** Commands that make another picture of it: routes go, come, and change their way. */
export function laterRoutes(around: Surroundings): readonly string[] {
  const ways = waysOf(around);
  const [normal, hurried, , , routed] = ways;
  if (normal === undefined || hurried === undefined || routed === undefined) return [];
  return around.prefixes.filter(isRoomy).flatMap((prefix) => {
    const at = (index: number): Prefix => hostOf(prefix, FIRST + index);
    return [
      remove(at(0), normal),
      remove(at(1), hurried),
      add(at(1), CALM),
      remove(at(4), routed),
      add(at(4), CALM),
      add(at(ways.length), hurried),
    ];
  });
}

/** Its metric is no speaker's: it can be added beside what BGP has brought. */
const CALM = ['', 'dev cali1 proto 80 metric 2000'] as const;

const add = (prefix: Prefix, [type, way]: readonly [string, string]): string =>
  `route add ${type} ${formatPrefix(prefix)} ${way}`;

const remove = (prefix: Prefix, [type, way]: readonly [string, string]): string =>
  `route del ${type} ${formatPrefix(prefix)} ${way}`;
