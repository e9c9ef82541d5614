import type { Resource } from '../datastore/datastore.ts';
import type { Problem } from '../datastore/problem.ts';
import { type Reading, readResource } from '../datastore/resources/read.ts';
import type {
  BGPConfigurationView,
  EndpointSliceView,
  IPPoolView,
  NodeView,
  View,
} from '../datastore/resources/views.ts';
import type { Cluster } from './cluster.ts';
import { isSame, Last } from './last.ts';
import { patched, placeOf } from './patched.ts';
import { changesOf } from './resource-changes.ts';
import { byKey, byText, keyOfView } from './trace.ts';
import { UniqueAddresses } from './unique-addresses.ts';

/** The objects of one kind, in the order of their keys. */
interface Kind {
  readonly views: readonly View[];
  /** Those that have problems. */
  readonly troubled: readonly Reading[];
  readonly problems: readonly Problem[];
}

/** Reads the resources of a cluster again and again, and of them only what changed. */
export class ClusterReader {
  readonly #ownName: string;
  readonly #addresses: UniqueAddresses;
  readonly #kinds = new Map<string, Kind>();
  #resources: readonly Resource[] = [];
  readonly #cluster = new Last<Cluster>();
  readonly #own = new Last<Cluster['own']>();
  readonly #configurations = new Last<Pick<Cluster, 'global' | 'nodeConfigurations'>>();
  readonly #filters = new Last<Cluster['filters']>();
  readonly #pools = new Last<UniquePools>();
  readonly #secrets = new Last<Cluster['secrets']>();
  readonly #slices = new Last<Cluster['endpointSlices']>();
  readonly #problems = new Last<readonly Problem[]>();

  /** `ownName` keeps its address even where another node has the same. */
  constructor(ownName: string) {
    this.#ownName = ownName;
    this.#addresses = new UniqueAddresses(ownName);
  }

  /** Of objects with different keys, in whatever order. */
  read(resources: Iterable<Resource>): Cluster {
    const now = [...resources];
    for (const [kind, { gone, come }] of changesOf(this.#resources, now)) {
      const before = this.#kinds.get(kind) ?? NOTHING;
      const after = kindAfter(before, gone.map(readResource), come.map(readResource));
      if (after.views.length + after.troubled.length === 0) this.#kinds.delete(kind);
      else this.#kinds.set(kind, after);
    }
    this.#resources = now;
    return this.#cluster.of([...this.#kinds.values()], () => this.#whole());
  }

  #whole(): Cluster {
    const { nodes, problems } = this.#addresses.of(this.#views('Node'));
    const configurations = this.#views('BGPConfiguration');
    const filters = this.#views('BGPFilter');
    const pools = this.#views('IPPool');
    const secrets = this.#views('Secret');
    const slices = this.#views('EndpointSlice');
    const uniquePools = this.#pools.of([pools], () => withUniqueCidrs(pools));
    const kinds = [...this.#kinds].sort(([a], [b]) => byText(a, b)).map(([, kind]) => kind);
    const lists = [...kinds.map((kind) => kind.problems), problems, uniquePools.problems];
    return {
      nodes,
      own: this.#own.of([nodes], () => nodeOf(nodes, this.#ownName)),
      ...this.#configurations.of([configurations], () => byScope(configurations)),
      peers: this.#views('BGPPeer'),
      filters: this.#filters.of([filters], () => new Map(filters.map((at) => [at.name, at]))),
      pools: uniquePools.kept,
      affinities: this.#views('BlockAffinity'),
      secrets: this.#secrets.of(
        [secrets],
        () => new Map(secrets.map((at) => [`${at.namespace}/${at.name}`, at])),
      ),
      services: this.#views('Service'),
      endpointSlices: this.#slices.of([slices], () => byService(slices)),
      workloads: this.#views('WorkloadEndpointStatus'),
      problems: this.#problems.of(lists, () => lists.flat()),
      nodeAt: (address) => this.#addresses.ownerOf(address),
    };
  }

  #views<K extends View['kind']>(kind: K): readonly Extract<View, { kind: K }>[] {
    const { views } = this.#kinds.get(kind) ?? NOTHING;
    return views as readonly Extract<View, { kind: K }>[];
  }
}

/** The cluster that resources describe, read once. */
export const readCluster = (resources: Iterable<Resource>): Cluster =>
  new ClusterReader('').read(resources);

const NOTHING: Kind = { views: [], troubled: [], problems: [] };

function kindAfter(before: Kind, gone: readonly Reading[], come: readonly Reading[]): Kind {
  const viewsOf = (readings: readonly Reading[]): readonly View[] =>
    readings.flatMap(({ view }) => view ?? []);
  const isTroubled = ({ problems }: Reading): boolean => problems.length > 0;
  const views = patched(before.views, { gone: viewsOf(gone), come: viewsOf(come) }, byKey);
  const step = { gone: gone.filter(isTroubled), come: come.filter(isTroubled) };
  const troubled = patched(before.troubled, step, (a, b) => byText(a.key, b.key));
  return {
    views: isSame(views, before.views) ? before.views : views,
    troubled,
    problems:
      troubled === before.troubled ? before.problems : troubled.flatMap((at) => at.problems),
  };
}

function nodeOf(nodes: readonly NodeView[], name: string): NodeView | undefined {
  const key = `Node//${name}`;
  const at = nodes[placeOf(nodes, (node) => byText(keyOfView(node), key))];
  return at?.name === name ? at : undefined;
}

function byScope(
  configurations: readonly BGPConfigurationView[],
): Pick<Cluster, 'global' | 'nodeConfigurations'> {
  const others = configurations.filter(({ name }) => name !== 'default');
  return {
    global: configurations.find(({ name }) => name === 'default'),
    nodeConfigurations: new Map(others.map((at) => [at.name.slice(5), at])),
  };
}

function byService(slices: readonly EndpointSliceView[]): Cluster['endpointSlices'] {
  const groups = new Map<string, EndpointSliceView[]>();
  for (const slice of slices) {
    const key = `${slice.namespace}/${slice.service}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

interface UniquePools {
  /** By CIDR text, one for each CIDR. */
  readonly kept: readonly IPPoolView[];
  readonly problems: readonly Problem[];
}

function withUniqueCidrs(pools: readonly IPPoolView[]): UniquePools {
  const problems: Problem[] = [];
  const byCidr = new Map<string, IPPoolView>();
  for (const pool of pools) {
    const first = byCidr.get(pool.cidr);
    if (first === undefined) byCidr.set(pool.cidr, pool);
    else
      problems.push({
        code: 'duplicate-cidr',
        severity: 'error',
        where: `IPPool ${pool.name}, spec.cidr`,
        message: `${pool.cidr} is the CIDR of IPPool ${first.name} already, which is used`,
        cure: `Delete one of ${first.name} and ${pool.name}`,
      });
  }
  return { kept: [...byCidr.values()].sort((a, b) => byText(a.cidr, b.cidr)), problems };
}
