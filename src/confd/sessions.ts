import type { Difference } from '../config/difference.ts';
import type { PeerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import { Counted } from './counted.ts';
import { ExplicitPeerings } from './explicit-peerings.ts';
import { Last } from './last.ts';
import type { OwnNode } from './own-node.ts';
import { patched } from './patched.ts';
import { type MakePeer, type PeerOutcome, type PolicyChoice, peerMaker } from './peer-config.ts';
import type { Peering } from './peering.ts';
import type { PeeringSource } from './peering-source.ts';
import { SessionTable } from './session-table.ts';
import { byText, type Traced } from './trace.ts';
import type { Environment, Hold, Need } from './types.ts';

export interface Sessions {
  /** By name. */
  readonly peers: readonly Traced<PeerConfig>[];
  /** The same without their origins. */
  readonly configs: readonly PeerConfig[];
  readonly held: readonly Hold[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
  /** Names of the policies that peers use. */
  readonly policies: ReadonlySet<string>;
  /** Of the peers that are reached by a gateway. */
  readonly behindGateways: readonly Peering[];
}

/** The sessions of a node, kept up: lists in which nothing changed are the very same. */
export class SessionKeeper {
  readonly #environment: Environment;
  readonly #choose: PolicyChoice;
  readonly #explicit = new ExplicitPeerings();
  readonly #table = new SessionTable();
  readonly #make = new Last<MakePeer>();
  readonly #needs = new Counted<readonly Need[]>();
  readonly #policies = new Counted<readonly string[]>();
  #peers: readonly PeerOutcome[] = [];
  #configs: readonly PeerConfig[] = [];
  #held: readonly PeerOutcome[] = [];
  #troubled: readonly PeerOutcome[] = [];
  #behindGateways: readonly PeerOutcome[] = [];
  readonly #holds = new Last<Sessions['held']>();
  readonly #distinctNeeds = new Last<Sessions['needs']>();
  readonly #allProblems = new Last<Sessions['problems']>();
  readonly #names = new Last<Sessions['policies']>();
  readonly #peerings = new Last<Sessions['behindGateways']>();

  constructor(environment: Environment, choose: PolicyChoice) {
    this.#environment = environment;
    this.#choose = choose;
  }

  /** The sessions that BGPPeers describe, and those of `others`. */
  of(cluster: Cluster, own: OwnNode, others: readonly PeeringSource[]): Sessions {
    const { name, addresses, asn, clusterId } = own;
    const { secrets, filters } = cluster;
    const make = this.#make.of([name, addresses, asn, clusterId, secrets, filters], () =>
      peerMaker(own, cluster, this.#environment, this.#choose),
    );
    const step = this.#table.update([...this.#explicit.sources(cluster, own), ...others], make);
    this.#count(step);
    this.#peers = patched(this.#peers, step, byName);
    const configs = { gone: step.gone.map(configOf), come: step.come.map(configOf) };
    this.#configs = patched(this.#configs, configs, byEndpoint);
    this.#held = patched(this.#held, only(step, isHeld), byName);
    this.#troubled = patched(this.#troubled, only(step, isTroubled), byName);
    this.#behindGateways = patched(this.#behindGateways, only(step, isBehindGateway), byName);
    return this.#summary();
  }

  /** Those that come first: what they share with those that go stays. */
  #count({ gone, come }: Difference<PeerOutcome>): void {
    for (const { needs, value } of come) {
      this.#needs.add(needs);
      this.#policies.add(value.importPolicy);
      this.#policies.add(value.exportPolicy);
    }
    for (const { needs, value } of gone) {
      this.#needs.drop(needs);
      this.#policies.drop(value.importPolicy);
      this.#policies.drop(value.exportPolicy);
    }
  }

  #summary(): Sessions {
    const held = this.#held;
    const troubled = this.#troubled;
    const behindGateways = this.#behindGateways;
    const needs = this.#needs.items;
    const policies = this.#policies.items;
    return {
      peers: this.#peers,
      configs: this.#configs,
      held: this.#holds.of([held], () => held.flatMap(({ hold }) => hold ?? [])),
      needs: this.#distinctNeeds.of([needs], () => distinct(needs.flat())),
      // Thousands may share one list.
      problems: this.#allProblems.of([troubled], () =>
        [...new Set(troubled.map(({ problems }) => problems))].flat(),
      ),
      policies: this.#names.of([policies], () => new Set(policies.flat())),
      behindGateways: this.#peerings.of([behindGateways], () =>
        behindGateways.map(({ peering }) => peering),
      ),
    };
  }
}

const configOf = ({ value }: PeerOutcome): PeerConfig => value;

const byEndpoint = (a: PeerConfig, b: PeerConfig): number =>
  byText(a.name, b.name) || byText(a.address, b.address) || a.port - b.port;

const byName = (a: PeerOutcome, b: PeerOutcome): number => byEndpoint(a.value, b.value);

const isHeld = ({ hold }: PeerOutcome): boolean => hold !== undefined;

const isTroubled = ({ problems }: PeerOutcome): boolean => problems.length > 0;

const isBehindGateway = ({ peering }: PeerOutcome): boolean =>
  peering.settings.reachableBy !== undefined;

const only = <T>({ gone, come }: Difference<T>, test: (item: T) => boolean): Difference<T> => ({
  gone: gone.filter(test),
  come: come.filter(test),
});

/** Each once, in the order of their texts. */
function distinct(needs: readonly Need[]): readonly Need[] {
  const byContent = new Map(needs.map((need) => [JSON.stringify(need), need]));
  return [...byContent].sort(([a], [b]) => byText(a, b)).map(([, need]) => need);
}
