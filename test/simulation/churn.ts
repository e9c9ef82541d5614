import { resolveConfig } from '../../src/config/resolve.ts';
import { parsePrefix } from '../../src/net/prefix.ts';
import { type Random, seededRandom } from '../../src/runtime/random.ts';
import type { Cluster, Host } from './cluster.ts';
import { addressOf, build, NODES, REFLECTOR } from './ring.ts';

const MINUTE = 60_000;
const MOST_NETWORKS = 40;
const MOST_FOREIGN = 20;
/** Hosts whose process is killed now and then; the others live all the time. */
const MORTAL = 2;

// biome-ignore lint/suspicious/noThenProperty: the name of the field in the configuration
const ACCEPT = { then: 'accept' };

interface Peering {
  readonly name: string;
}

interface Written {
  readonly networks?: readonly object[];
  readonly peers: readonly Peering[];
}

/** How a host's configuration differs from the one it began with. */
interface Difference {
  networks: number;
  /** A number that every attribute set and tunnel of the host's policy carries. */
  colour: number | undefined;
  without: string | undefined;
}

/** Entries of the tables of every host, by host and table. */
export type Census = Readonly<Record<string, number>>;

/**
 * A ring of five nodes and their reflector under changes of every kind: prefixes, attribute sets,
 * policies, peers, processes, links and routes that others put into the FIB.
 */
export class Churn {
  readonly cluster: Cluster;
  /** Changes made so far. */
  changes = 0;
  readonly #nodes: readonly Host[];
  readonly #hosts: readonly Host[];
  readonly #random: Random;
  readonly #differences = new Map<Host, Difference>();
  readonly #foreign = new Map<Host, number>();

  constructor(seed: number) {
    const { cluster, nodes, reflector } = build(seed);
    this.cluster = cluster;
    this.#nodes = nodes;
    this.#hosts = [...nodes, reflector];
    this.#random = seededRandom(seed);
    cluster.clock.advance(10 * MINUTE);
  }

  /** One change at a time, `every` milliseconds, for `duration`; then everything as in the beginning. */
  run(duration: number, every: number): void {
    const { clock } = this.cluster;
    const kinds = [
      () => this.#alter((difference) => (difference.networks = this.#below(MOST_NETWORKS))),
      () => this.#alter((difference) => (difference.colour = this.#below(65_536))),
      () => this.#alter((difference) => (difference.colour = undefined)),
      () => this.#alterPeers(),
      () => this.#cut(),
      () => this.#kill(),
      () => this.#writeForeign(this.#pick(this.#nodes), this.#below(MOST_FOREIGN)),
    ];
    for (const end = clock.now() + duration; clock.now() < end; clock.advance(every)) {
      this.#pick(kinds)();
      this.changes++;
      this.cluster.log.length = 0;
    }
    clock.advance(5 * MINUTE);
    for (const host of this.#hosts) {
      this.#writeForeign(host, 0);
      this.#differences.delete(host);
      this.#apply(host);
    }
    clock.advance(10 * MINUTE);
  }

  get census(): Census {
    return Object.fromEntries(
      this.#hosts.flatMap(({ name, speaker, fib }) =>
        Object.entries({
          ...speaker?.rib?.census,
          ...speaker?.fib?.census,
          peers: speaker?.peers.length ?? 0,
          'kernel routes': fib.routes().length,
        })
          // A journal keeps its last slab, which may be of any size.
          .filter(([table]) => !table.endsWith('journal'))
          .map(([table, count]) => [`${name} ${table}`, count]),
      ),
    );
  }

  #alter(change: (difference: Difference) => void): void {
    const host = this.#pick(this.#hosts);
    const known = this.#differences.get(host);
    const difference = known ?? { networks: 0, colour: undefined, without: undefined };
    change(difference);
    this.#differences.set(host, difference);
    this.#apply(host);
  }

  #alterPeers(): void {
    const without = this.#random.next() < 0.5 ? undefined : `n${this.#pick(NODES)}`;
    this.#alter((difference) => (difference.without = without));
  }

  #cut(): void {
    const { clock, network } = this.cluster;
    const addresses = [REFLECTOR, ...NODES.map(addressOf)];
    const a = this.#pick(addresses);
    const b = this.#pick(addresses.filter((address) => address !== a));
    network.cut(a, b, this.#random.next() < 0.5 ? 'reset' : 'silent');
    clock.setTimer('heal', this.#random.next() * 2 * MINUTE, () => network.restore(a, b));
  }

  #kill(): void {
    const victim = this.#pick(this.#nodes.slice(-MORTAL));
    if (victim.speaker === undefined) return;
    this.cluster.kill(victim);
    this.cluster.clock.setTimer('back', this.#random.next() * 3 * MINUTE, () => {
      this.cluster.start(victim);
      this.#apply(victim);
    });
  }

  /** Someone else's routes on a machine, as many as wanted. */
  #writeForeign(host: Host, wanted: number): void {
    const gateway = host.address === addressOf(1) ? addressOf(2) : addressOf(1);
    const hop = { gateway, interface: 'eth0', onlink: false, weight: 1 };
    const shared = { type: 'unicast', nextHops: [hop], metric: 50, protocol: 80 } as const;
    let present = this.#foreign.get(host) ?? 0;
    while (present !== wanted) {
      const index = present < wanted ? present++ : --present;
      const prefix = parsePrefix(`10.99.${index}.0/24`);
      if (prefix === undefined) throw new Error(`no prefix for ${index}`);
      if (index < wanted) host.fib.add({ ...shared, prefix, table: 254 });
      else host.fib.remove({ ...shared, prefix, table: 254 });
    }
    this.#foreign.set(host, wanted);
  }

  #apply(host: Host): void {
    const resolved = resolveConfig(this.#configOf(host));
    if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
    host.speaker?.apply(resolved.config);
  }

  #configOf(host: Host): object {
    const { networks: own = [], peers, ...rest } = host.config as Written;
    const difference = this.#differences.get(host);
    if (difference === undefined) return host.config;
    const { networks, colour, without } = difference;
    const third = this.#hosts.indexOf(host);
    const more = Array.from({ length: networks }, (_, i) => ({
      prefix: `10.${70 + third}.${i}.0/24`,
    }));
    const policy = colour === undefined ? {} : { importPolicy: ['paint'], exportPolicy: ['paint'] };
    const set = { addCommunity: [`64512:${colour}`], tunnel: `tun${colour}`, localPref: 150 };
    return {
      ...rest,
      networks: [...own, ...more],
      peers: peers.filter(({ name }) => name !== without).map((peer) => ({ ...peer, ...policy })),
      policies: colour === undefined ? {} : { paint: [{ match: {}, set, ...ACCEPT }] },
    };
  }

  #below(limit: number): number {
    return this.#random.u32() % limit;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }
}
