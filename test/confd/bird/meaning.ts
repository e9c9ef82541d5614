import type { Statement } from './code.ts';
import type { BirdConfiguration, Option, Section } from './configuration.ts';

/** A BGP protocol of BIRD in the words of the speaker's configuration. */
export interface BirdPeer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly asn: number;
  readonly localAsn: number;
  readonly localAddress: string | undefined;
  readonly passive: boolean;
  readonly reflectorClient: boolean;
  readonly clusterId: string | undefined;
  readonly nextHop: string;
  readonly restartTime: number;
  readonly keepaliveTime: number | undefined;
  readonly ttlSecurity: number | undefined;
  readonly allowOwnAs: number;
  readonly password: string | undefined;
}

export interface BirdSession {
  readonly peer: BirdPeer;
  readonly importFilter: readonly Statement[];
  readonly exportFilter: readonly Statement[];
}

export interface BirdMeaning {
  readonly routerId: string;
  readonly listen: { readonly address: string | undefined; readonly port: number };
  readonly direct: readonly string[];
  readonly statics: readonly string[];
  readonly sessions: readonly BirdSession[];
}

/** What a configuration of one BIRD process means. */
export function meaningOf(bird: BirdConfiguration): BirdMeaning {
  const find = (kind: string, protocol: string): Section | undefined =>
    bird.sections.find((at) => at.kind === kind && at.protocol === protocol);
  const template = find('template', 'bgp')?.options ?? [];
  const direct = option(find('template', 'direct')?.options ?? [], 'interface') ?? [];
  const statics = find('template', 'static')?.options ?? [];
  const listen = bird.lines.find(([word]) => word === 'listen') ?? [];
  return {
    routerId: bird.lines.find(([word]) => word === 'router')?.[2] ?? '',
    listen: {
      address: after(listen, 'address'),
      port: Number(after(listen, 'port') ?? 179),
    },
    direct: patterns(direct),
    statics: statics
      .filter(({ words }) => words[0] === 'route')
      .map(({ words }) => words.slice(1).join(' '))
      .sort(),
    sessions: bird.sections
      .filter((at) => at.kind === 'protocol' && at.protocol === 'bgp')
      .map((section) => sessionOf(section, template)),
  };
}

function sessionOf({ name, options }: Section, template: readonly Option[]): BirdSession {
  const all = [...options, ...template];
  const neighbor = option(all, 'neighbor') ?? [];
  const security = option(all, 'ttl', 'security') ?? [];
  const peer: BirdPeer = {
    name,
    address: neighbor[0] ?? '',
    port: Number(after(neighbor, 'port') ?? 179),
    asn: Number(after(neighbor, 'as')),
    localAsn: Number(option(all, 'local', 'as')?.[0]),
    localAddress: option(all, 'source', 'address')?.[0],
    passive: option(all, 'passive')?.[0] === 'on',
    reflectorClient: option(all, 'rr', 'client') !== undefined,
    clusterId: option(all, 'rr', 'cluster', 'id')?.[0],
    nextHop: option(all, 'next', 'hop')?.[0] ?? 'auto',
    restartTime: Number(option(all, 'graceful', 'restart', 'time')?.[0] ?? 120),
    keepaliveTime: numberOf(option(all, 'keepalive', 'time')),
    ttlSecurity: security[0] === 'on' ? numberOf(option(all, 'multihop')) : undefined,
    allowOwnAs: Number(option(all, 'allow', 'local', 'as')?.[0] ?? 0),
    password: option(all, 'password')?.[0],
  };
  const filter = (word: string): readonly Statement[] =>
    options.find(({ words }) => words[0] === word)?.code ?? [];
  return { peer, importFilter: filter('import'), exportFilter: filter('export') };
}

/** What follows the words of an option; undefined when it is absent. */
function option(
  options: readonly Option[],
  ...words: readonly string[]
): readonly string[] | undefined {
  return options
    .find((at) => words.every((word, index) => at.words[index] === word))
    ?.words.slice(words.length);
}

const after = (words: readonly string[], word: string): string | undefined =>
  words.includes(word) ? words[words.indexOf(word) + 1] : undefined;

const numberOf = (words: readonly string[] | undefined): number | undefined =>
  words?.[0] === undefined ? undefined : Number(words[0]);

/** `-"cali*", "*"` as `!cali*`, `*`. */
const patterns = (words: readonly string[]): readonly string[] =>
  words
    .filter((word) => word !== ',')
    .flatMap((word, index, all) =>
      word === '-' ? [] : [`${all[index - 1] === '-' ? '!' : ''}${word}`],
    );
