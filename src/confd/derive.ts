import type { KernelConfig, ListenConfig, Rule } from '../config/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import type { Problem } from '../datastore/problem.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { OwnBlocks } from './blocks.ts';
import { type Cluster, type Given, listenPortOf } from './cluster.ts';
import { ClusterReader } from './cluster-reader.ts';
import { Last } from './last.ts';
import { logLevelOf } from './log-level.ts';
import { meshSources } from './mesh.ts';
import { networksOf } from './networks.ts';
import { type OwnNode, OwnNodeReader } from './own-node.ts';
import type { SessionPolicies } from './peer-config.ts';
import { peerProblems } from './peer-problems.ts';
import { exportRules, type Own } from './policies/export.ts';
import { filterPolicies } from './policies/filter.ts';
import { kernelRules } from './policies/kernel.ts';
import { exportPolicy, importPolicy, KERNEL_POLICY, priorityPolicy } from './policies/names.ts';
import { importRules, normalPriority, priorityRules } from './policies/priority.ts';
import { WireguardRules } from './policies/wireguard.ts';
import { type Parts, ResultKeeper, withoutConfig } from './result.ts';
import { type ServiceAdvertisement, serviceAdvertisement } from './services/advertisement.ts';
import { SessionKeeper, type Sessions } from './sessions.ts';
import { builtIn, from, type Traced } from './trace.ts';
import type { Derived, Environment } from './types.ts';

/**
 * The configuration that Calico's resources give a node, as confd and its templates would: pure,
 * total, and the same for the same objects in any order.
 */
export const derive = (
  resources: Iterable<Resource>,
  nodeName: string,
  environment: Environment,
): Derived => new NodeDerivation(nodeName, environment).derive(resources);

/**
 * The same again and again. It remembers the derivation before, so that the next costs what changed;
 * parts in which nothing did, each peer above all, come out as the very same objects.
 */
export class NodeDerivation {
  readonly #name: string;
  readonly #environment: Environment;
  readonly #reader: ClusterReader;
  readonly #own: OwnNodeReader;
  readonly #sessions: SessionKeeper;
  readonly #wireguard: WireguardRules;
  readonly #blocks: OwnBlocks;
  readonly #services = new Last<ServiceAdvertisement>();
  readonly #kernel = new Last<Traced<KernelConfig>>();
  readonly #networks = new Last<Parts['networks']>();
  readonly #policies = new Last<Parts['policies']>();
  readonly #result = new ResultKeeper();

  constructor(nodeName: string, environment: Environment) {
    this.#name = nodeName;
    this.#environment = environment;
    this.#reader = new ClusterReader(nodeName);
    this.#own = new OwnNodeReader(environment);
    this.#blocks = new OwnBlocks(nodeName, environment);
    this.#sessions = new SessionKeeper(environment, sessionPolicies);
    this.#wireguard = new WireguardRules(environment);
  }

  derive(resources: Iterable<Resource>): Derived {
    const environment = this.#environment;
    const cluster = this.#reader.read(resources);
    const { global, services: all, endpointSlices } = cluster;
    if (cluster.own === undefined) return withoutConfig(cluster, this.#name);
    const { own, problems } = this.#own.of(cluster, cluster.own);
    const services = this.#services.of([own, global, all, endpointSlices], () =>
      serviceAdvertisement(cluster, own, environment),
    );
    const blocks = this.#blocks.of(cluster);
    const sessions = this.#sessions.of(cluster, own, meshSources(cluster, own));
    const { behindGateways } = sessions;
    return this.#result.of({
      own,
      listen: listenOf(cluster, own),
      kernel: this.#kernel.of([global], () => kernelOf(cluster)),
      networks: this.#networks.of([blocks, services, behindGateways], () =>
        networksOf(blocks, services, behindGateways),
      ),
      policies: this.#policiesOf(cluster, own, { blocks, services }, sessions),
      sessions,
      logLevel: logLevelOf(cluster, own.name, environment),
      needs: services.needs,
      problems: [
        cluster.problems,
        problems,
        services.problems,
        addressProblems(own),
        peerProblems(cluster, own),
      ],
    });
  }

  #policiesOf(
    cluster: Cluster,
    own: OwnNode,
    announcing: Own,
    { policies: used }: Sessions,
  ): Parts['policies'] {
    const { blocks, services } = announcing;
    const { global, nodeConfigurations, pools, filters } = cluster;
    const wireguard = this.#wireguard.of(cluster);
    const sources = [own, global, nodeConfigurations, pools, filters];
    return this.#policies.of(
      [...sources, blocks, services, used, wireguard],
      () =>
        new Map([
          ...policiesOf(cluster, own, announcing, wireguard, this.#environment),
          ...filterPolicies(cluster, used),
        ]),
    );
  }
}

function sessionPolicies(
  family: Family,
  _kind: 'ibgp' | 'ebgp',
  environment: Environment,
): SessionPolicies {
  const mapsPriority = environment.compat !== 'v3.31';
  return {
    import: mapsPriority ? [importPolicy(family)] : [],
    beforeExport: mapsPriority ? [priorityPolicy(family)] : [],
    export: [exportPolicy(family)],
    exportEnd: 'reject',
  };
}

/** Any address of the families that the node has, or with bindMode NodeIP its own addresses. */
function listenOf(cluster: Cluster, own: OwnNode): readonly Traced<ListenConfig>[] {
  const port: Given<number> = listenPortOf(cluster, own.name) ?? {
    value: 179,
    origin: builtIn("BGP's own port"),
  };
  const { global } = cluster;
  return FAMILIES.flatMap((family) => {
    const address = own.addresses[family]?.address;
    if (address === undefined) return [];
    const any = family === 'ipv4-unicast' ? '0.0.0.0' : '::';
    const bound = global?.bindMode === 'NodeIP';
    const origin = bound
      ? from(global, 'spec.bindMode', 'listens on the node address only')
      : builtIn('listens on any address');
    const value = { address: bound ? address : any, port: port.value };
    return [{ value, origins: { '': origin, '/port': port.origin } }];
  });
}

/** Calico's BIRD: no metric but the one that a rule sets, preferences of BIRD's protocols. */
function kernelOf({ global }: Cluster): Traced<KernelConfig> {
  const ignored = (global?.ignoredInterfaces ?? []).map((pattern) => `!${pattern}`);
  const value: KernelConfig = {
    learn: { interfaces: [...ignored, '!cali*', '!kube-ipvs*', '*'] },
    program: { policy: [KERNEL_POLICY] },
    table: 254,
    protocol: 12,
    metric: 0,
    preference: { direct: 240, static: 200, bgp: 100, kernel: 10 },
  };
  const origins = { '': builtIn('as BIRD in Calico') };
  if (global === undefined || ignored.length === 0) return { value, origins };
  const origin = from(
    global,
    'spec.ignoredInterfaces',
    'connected networks of these are not learned',
  );
  return { value, origins: { ...origins, '/learn/interfaces': origin } };
}

function policiesOf(
  cluster: Cluster,
  own: OwnNode,
  announcing: Own,
  wireguard: readonly Traced<Rule>[],
  environment: Environment,
): Parts['policies'] {
  const policies = new Map([
    [KERNEL_POLICY, kernelRules(cluster, own, announcing.services, wireguard, environment)],
  ]);
  for (const family of FAMILIES) {
    if (own.addresses[family] === undefined) continue;
    const rules = exportRules(cluster, own.name, announcing, family, environment);
    policies.set(exportPolicy(family), rules);
    if (environment.compat === 'v3.31') continue;
    const normal = normalPriority(cluster, family);
    policies.set(importPolicy(family), importRules(normal));
    policies.set(priorityPolicy(family), priorityRules(normal));
  }
  return policies;
}

function addressProblems(own: OwnNode): readonly Problem[] {
  if (FAMILIES.some((family) => own.addresses[family] !== undefined)) return [];
  return [
    {
      code: 'no-address',
      severity: 'warning',
      where: `Node ${own.name}, spec.bgp`,
      message: 'has neither ipv4Address nor ipv6Address, so the node has no peers',
      cure: 'Give the node its BGP address',
    },
  ];
}
