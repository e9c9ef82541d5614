import { parseAddress } from '../net/address.ts';
import { compileGlob } from '../net/glob.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Probe } from '../runtime/probe.ts';
import type { KernelAddress, KernelLink, KernelListener, KernelRoute } from './kernel.ts';
import { isGlobalDestination, judgeRoute, LEARN_VERDICTS, LearnVerdict } from './learn-verdict.ts';
import type { LearnedRoute, LearnedRouteSink } from './learned-route.ts';

export interface FibReaderOptions {
  readonly table: number;
  /** rtm_protocol of our own routes, which are never learned. */
  readonly protocol: number;
  /** Globs for the interfaces whose prefixes are connected; `!` negates, the first match decides. */
  readonly interfaces: readonly string[];
  readonly probe: Probe;
}

/**
 * Picks from the kernel's events what the speaker learns from this machine: the connected prefixes
 * and, per prefix, the foreign route with the lowest metric.
 */
export class FibReader implements KernelListener {
  readonly #options: FibReaderOptions;
  readonly #sink: LearnedRouteSink;
  readonly #links = new Map<string, boolean>();
  /** Addresses by the text of the prefix that they connect. */
  readonly #addresses = new Map<string, readonly KernelAddress[]>();
  /** Interface that each learned connected prefix was put with. */
  readonly #direct = new Map<string, string>();
  /** Foreign routes by the text of their prefix, the best first. */
  readonly #foreign = new Map<string, readonly KernelRoute[]>();
  #allows: (name: string) => boolean;

  constructor(options: FibReaderOptions, sink: LearnedRouteSink) {
    this.#options = options;
    this.#sink = sink;
    this.#allows = compileInterfaces(options.interfaces);
  }

  /** Changes the interface patterns in place. */
  setInterfaces(patterns: readonly string[]): void {
    this.#allows = compileInterfaces(patterns);
    for (const key of [...this.#addresses.keys()]) this.#connect(key);
  }

  link({ name, up }: KernelLink, gone: boolean): void {
    const usable = up && !gone;
    if ((this.#links.get(name) ?? false) === usable) return;
    if (gone) this.#links.delete(name);
    else this.#links.set(name, up);
    for (const [key, addresses] of this.#addresses) {
      if (addresses.some((at) => at.interface === name)) this.#connect(key);
    }
  }

  address(address: KernelAddress, gone: boolean): void {
    const key = formatPrefix(address.prefix);
    const others = (this.#addresses.get(key) ?? []).filter((at) => !sameAddress(at, address));
    const left = gone ? others : [...others, address];
    if (left.length > 0) this.#addresses.set(key, left);
    else this.#addresses.delete(key);
    this.#connect(key);
  }

  route(route: KernelRoute, gone: boolean): void {
    const verdict = judgeRoute(route, this.#options);
    if (verdict === LearnVerdict.otherTable || verdict === LearnVerdict.own) return;
    const key = formatPrefix(route.prefix);
    const { probe } = this.#options;
    if (!gone && probe.watchesKernel) {
      probe.kernelEvent('learn', key, LEARN_VERDICTS[verdict]?.name ?? '');
    }
    const before = this.#foreign.get(key) ?? [];
    const others = before.filter((at) => !sameIdentity(at, route));
    const after = gone || verdict !== LearnVerdict.learned ? others : [...others, route];
    const [best] = after.sort(byMetric);
    if (best === undefined) this.#foreign.delete(key);
    else this.#foreign.set(key, after);
    if (best === before[0]) return;
    if (best === undefined) this.#sink.remove(`kernel ${key}`);
    else this.#sink.put(`kernel ${key}`, learned(best));
  }

  synchronised(): void {
    this.#sink.synchronised();
  }

  failed(): void {}

  /** Puts or removes a connected prefix; of several interfaces the first by name stands for it. */
  #connect(key: string): void {
    let chosen: KernelAddress | undefined;
    for (const address of this.#addresses.get(key) ?? []) {
      if (!this.#connects(address)) continue;
      if (chosen === undefined || address.interface < chosen.interface) chosen = address;
    }
    if (chosen?.interface === this.#direct.get(key)) return;
    if (chosen === undefined) {
      this.#direct.delete(key);
      this.#sink.remove(`direct ${key}`);
      return;
    }
    this.#direct.set(key, chosen.interface);
    this.#sink.put(`direct ${key}`, {
      source: 'direct',
      prefix: chosen.prefix,
      type: 'unicast',
      metric: undefined,
      interface: chosen.interface,
      gateway: undefined,
    });
  }

  #connects({ interface: name, address, prefix }: KernelAddress): boolean {
    const bytes = parseAddress(address);
    if (bytes === undefined || this.#links.get(name) !== true || !this.#allows(name)) return false;
    return isGlobalDestination({ address: bytes, length: prefix.length });
  }
}

function compileInterfaces(patterns: readonly string[]): (name: string) => boolean {
  const rules = patterns.map((pattern) => {
    const allow = !pattern.startsWith('!');
    return { allow, matches: compileGlob(allow ? pattern : pattern.slice(1)) };
  });
  return (name) => rules.find((rule) => rule.matches(name))?.allow ?? false;
}

const sameAddress = (a: KernelAddress, b: KernelAddress): boolean =>
  a.interface === b.interface && a.address === b.address;

const sameIdentity = (a: KernelRoute, b: KernelRoute): boolean =>
  a.metric === b.metric && a.protocol === b.protocol;

/** Lowest metric first; at the same metric the lower protocol, so that the order never decides. */
const byMetric = (a: KernelRoute, b: KernelRoute): number =>
  a.metric - b.metric || a.protocol - b.protocol;

function learned({ prefix, type, metric, nextHops }: KernelRoute): LearnedRoute {
  const hop = nextHops.length === 1 ? nextHops[0] : undefined;
  return {
    source: 'kernel',
    prefix,
    type,
    metric,
    interface: hop?.interface ?? '',
    gateway: hop?.gateway,
  };
}
