import { isDeepStrictEqual } from 'node:util';
import type { NetworkConfig, PeerConfig, SpeakerConfig, Verdict } from '../config/types.ts';
import { formatAddress, parseAddress, parseIpv4Number } from '../net/address.ts';
import { parsePrefix } from '../net/prefix.ts';
import { type CompiledPolicy, compilePolicy, type PolicyContext } from '../policy/compile.ts';
import { Rib } from '../rib/rib.ts';
import type { DrainMode, Preferences, RibPeerSettings } from '../rib/types.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Random } from '../runtime/random.ts';
import type { SlicedWork } from '../runtime/sliced-work.ts';
import type { DrainStage } from './drain.ts';

/** What an undefined metric counts as where a rule needs one, as Calico's normal route priority. */
const DEFAULT_METRIC = 1024;

/** Where there is no FIB, local routes and networks still rank so. */
const PREFERENCES: Preferences = { direct: 240, static: 200, bgp: 100, kernel: 240 };

export interface RoutingOptions {
  readonly clock: Clock;
  readonly work: SlicedWork;
  readonly random: Random;
  readonly probe: Probe;
  /** Absent: never drained. */
  readonly drainStage?: () => DrainStage;
}

/** The RIB under a configuration: compiles policies, originates networks. */
export class Routing {
  readonly rib: Rib;
  readonly #drainStage: () => DrainStage;
  #config: SpeakerConfig;
  #networks: ReadonlyMap<string, NetworkConfig> = new Map();
  #preferences: Preferences;
  /** What peers have in common: thousands of them have the same few policies. */
  readonly #compiled = new Map<string, CompiledPolicy>();

  constructor(config: SpeakerConfig, options: RoutingOptions) {
    this.#drainStage = options.drainStage ?? (() => 'off');
    this.#config = config;
    this.#preferences = config.kernel?.preference ?? PREFERENCES;
    this.rib = new Rib({
      ...options,
      routerId: parseIpv4Number(config.routerId) ?? 0,
      clusterId: config.clusterId === undefined ? undefined : parseIpv4Number(config.clusterId),
      preferences: this.#preferences,
      resolveAll: config.kernel === undefined,
    });
    this.configure(config);
  }

  /** True when only a new RIB can serve the configuration: identity, or with and without a FIB. */
  static needsRestart(before: SpeakerConfig, after: SpeakerConfig): boolean {
    return (
      before.routerId !== after.routerId ||
      before.clusterId !== after.clusterId ||
      (before.kernel === undefined) !== (after.kernel === undefined)
    );
  }

  configure(config: SpeakerConfig): void {
    this.#config = config;
    const preferences = config.kernel?.preference ?? PREFERENCES;
    if (!isDeepStrictEqual(preferences, this.#preferences)) this.rib.setPreferences(preferences);
    this.#preferences = preferences;
    this.#compiled.clear();
    this.#originateAll(config.networks);
  }

  /** The RIB's view of a peer's configuration. */
  peerSettings(peer: PeerConfig): RibPeerSettings {
    return {
      reflectorClient: peer.reflectorClient,
      routeServerClient: peer.routeServerClient,
      nextHop: peer.nextHop,
      allowOwnAs: peer.allowOwnAs,
      gracefulShutdown: peer.gracefulShutdown,
      drain: this.#drain(),
      longLivedPartialDeployment: peer.longLivedPartialDeployment,
      asSet: peer.asSet,
      prefixLimit: peer.prefixLimit,
      importPolicy: this.#compile(peer, 'import'),
      exportPolicy: this.#compile(peer, 'export'),
    };
  }

  #compile(peer: PeerConfig, direction: Direction): CompiledPolicy {
    const key = policyKeysOf(peer)[direction];
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const { asn, localAsn, localAddress } = peer;
    const kind = asn === localAsn ? 'ibgp' : 'ebgp';
    const [names, end] = policyOf(peer, direction);
    const ownNextHop = localAddress === undefined ? undefined : parseAddress(localAddress);
    const context: PolicyContext = { kind, ownNextHop, defaultMetric: this.defaultMetric };
    const compiled = compilePolicy(names, this.#config.policies, end, context);
    this.#compiled.set(key, compiled);
    return compiled;
  }

  get defaultMetric(): number {
    return this.#config.kernel?.metric || DEFAULT_METRIC;
  }

  #drain(): DrainMode {
    const stage = this.#drainStage();
    return stage === 'drained' ? 'withdrawn' : stage;
  }

  #originateAll(networks: readonly NetworkConfig[]): void {
    const known = this.#networks;
    const wanted = new Map(networks.map((network) => [keyOf(network), network]));
    for (const key of known.keys()) if (!wanted.has(key)) this.rib.removeLocal(key);
    for (const [key, network] of wanted) {
      if (!isDeepStrictEqual(known.get(key), network)) this.#originate(key, network);
    }
    this.#networks = wanted;
  }

  #originate(key: string, { prefix: text, via, announce, kernel }: NetworkConfig): void {
    const prefix = parsePrefix(text);
    if (prefix === undefined) return;
    this.rib.putLocal(key, {
      source: 'static',
      prefix,
      type: via === undefined && kernel === 'blackhole' ? 'blackhole' : 'unicast',
      gateway: via === undefined ? undefined : parseAddress(via),
      interface: '',
      metric: undefined,
      preference: undefined,
      announce,
    });
  }
}

type Direction = 'import' | 'export';

const policyOf = (
  peer: PeerConfig,
  direction: Direction,
): readonly [names: readonly string[], end: Verdict] =>
  direction === 'import'
    ? [peer.importPolicy, peer.importEnd]
    : [peer.exportPolicy, peer.exportEnd];

/** What two peers agree in whose policy of a direction is the same, as long as no rule changes. */
function policyKeyOf(peer: PeerConfig, direction: Direction): string {
  const { asn, localAsn, localAddress } = peer;
  const [names, end] = policyOf(peer, direction);
  return [asn === localAsn, localAddress, end, ...names].join('\n');
}

/** By peer: of thousands few change at a time. */
const policyKeys = new WeakMap<PeerConfig, Readonly<Record<Direction, string>>>();

function policyKeysOf(peer: PeerConfig): Readonly<Record<Direction, string>> {
  const known = policyKeys.get(peer);
  if (known !== undefined) return known;
  const keys = { import: policyKeyOf(peer, 'import'), export: policyKeyOf(peer, 'export') };
  policyKeys.set(peer, keys);
  return keys;
}

const keyOf = ({ prefix, via }: NetworkConfig): string => {
  const gateway = via === undefined ? undefined : parseAddress(via);
  return `network ${prefix} ${gateway === undefined ? '' : formatAddress(gateway)}`;
};
