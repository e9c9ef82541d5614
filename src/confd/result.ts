import type {
  KernelConfig,
  ListenConfig,
  NetworkConfig,
  Rule,
  SpeakerConfig,
} from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import { Last } from './last.ts';
import type { OwnNode } from './own-node.ts';
import type { Sessions } from './sessions.ts';
import { builtIn, byText, type Origins, type Traced } from './trace.ts';
import type { Derived, Need, Origin } from './types.ts';

/** Everything that a derivation is put together from. */
export interface Parts {
  readonly own: OwnNode;
  readonly listen: readonly Traced<ListenConfig>[];
  readonly kernel: Traced<KernelConfig> | undefined;
  readonly networks: readonly Traced<NetworkConfig>[];
  readonly policies: ReadonlyMap<string, readonly Traced<Rule>[]>;
  readonly sessions: Sessions;
  readonly logLevel: Derived['logLevel'];
  /** Beside what the sessions need. */
  readonly needs: readonly Need[];
  readonly problems: readonly (readonly Problem[])[];
}

type Policies = readonly (readonly [string, readonly Traced<Rule>[]])[];

/** Puts the parts together; of parts that are the very same as before the result is so too. */
export class ResultKeeper {
  readonly #policies = new Last<Policies>();
  readonly #rules = new Last<SpeakerConfig['policies']>();
  readonly #networks = new Last<SpeakerConfig['networks']>();
  readonly #problems = new Last<Derived['problems']>();

  of(parts: Parts): Derived {
    const { own, sessions, networks } = parts;
    const policies = this.#policies.of([parts.policies], () =>
      [...parts.policies].sort(([a], [b]) => byText(a, b)),
    );
    const lists = [...parts.problems, sessions.problems].filter(({ length }) => length > 0);
    // Of thousands of values few are ever asked where they come from.
    let provenance: Derived['provenance'] | undefined;
    return {
      config: {
        asn: own.asn.value,
        routerId: own.routerId.value,
        clusterId: own.clusterId?.value,
        listen: valuesOf(parts.listen),
        kernel: parts.kernel?.value,
        networks: this.#networks.of([networks], () => valuesOf(networks)),
        policies: this.#rules.of([policies], () =>
          Object.fromEntries(policies.map(([name, rules]) => [name, valuesOf(rules)])),
        ),
        peers: sessions.configs,
        dynamicPeers: [],
        bmp: [],
        hostName: undefined,
        softwareVersion: false,
      },
      held: sessions.held,
      logLevel: parts.logLevel,
      get provenance() {
        provenance ??= provenanceOf(parts, policies);
        return provenance;
      },
      problems: this.#problems.of(lists, () => distinct(lists.flat())),
      needs: [...parts.needs, ...sessions.needs],
    };
  }
}

const valuesOf = <T>(parts: readonly Traced<T>[]): readonly T[] => parts.map(({ value }) => value);

/** Each value's origin at its place in the configuration. */
function provenanceOf(
  { own, listen, kernel, networks, sessions }: Parts,
  policies: Policies,
): Derived['provenance'] {
  const provenance = new Map<string, Origin>();
  const add = (pointer: string, origins: Origins): void => {
    for (const [at, origin] of Object.entries(origins)) provenance.set(pointer + at, origin);
  };
  const addList = (pointer: string, parts: readonly Traced<unknown>[]): void => {
    for (const [index, { origins }] of parts.entries()) add(`${pointer}/${index}`, origins);
  };
  add('/asn', { '': own.asn.origin });
  add('/routerId', { '': own.routerId.origin });
  if (own.clusterId !== undefined) add('/clusterId', { '': own.clusterId.origin });
  addList('/listen', listen);
  add('/softwareVersion', { '': builtIn('as BIRD in Calico') });
  add('/kernel', kernel?.origins ?? { '': builtIn('a reflector has no FIB') });
  addList('/networks', networks);
  addList('/peers', sessions.peers);
  for (const [name, rules] of policies) addList(`/policies/${name}`, rules);
  return provenance;
}

/** For a node that is not there: nothing to configure, and everything that is wrong all the same. */
export function withoutConfig(cluster: Cluster, nodeName: string): Derived {
  const missing: Problem = {
    code: 'node-unknown',
    severity: 'error',
    where: `Node ${nodeName}`,
    message: 'is not in the datastore, or not valid; nothing is derived for it',
    cure: 'Create the Node, or correct NODENAME',
  };
  return {
    config: undefined,
    held: [],
    logLevel: 'info',
    provenance: new Map(),
    problems: [missing, ...cluster.problems],
    needs: [],
  };
}

const distinct = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((at) => [`${at.where}\n${at.message}`, at])).values(),
];
