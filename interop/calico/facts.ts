import type { Host } from '../runner.ts';
import type { ScriptedPeer } from './scripted-peer.ts';

/** What can be seen of a speaker from outside: what it is about, and what it is. */
export type Facts = ReadonlyMap<string, string>;

/** One thing in which two speakers differ; undefined where one has no such thing. */
export interface Difference {
  readonly about: string;
  readonly bird: string | undefined;
  readonly subject: string | undefined;
}

export function differencesOf(bird: Facts, subject: Facts): readonly Difference[] {
  const all = [...new Set([...bird.keys(), ...subject.keys()])].sort();
  return all
    .map((about) => ({ about, bird: bird.get(about), subject: subject.get(about) }))
    .filter((at) => at.bird !== at.subject);
}

/** What a speaker is to its peers: who dials, its OPEN, and every path that it announces. */
export function peerFacts(peers: readonly ScriptedPeer[]): Facts {
  const facts = new Map<string, string>();
  for (const peer of peers) {
    const { name } = peer.script;
    facts.set(`${name} who dials`, peer.wasDialed ? 'the node' : 'the peer');
    facts.set(`${name} trouble`, peer.trouble);
    for (const [field, value] of openFacts(peer)) facts.set(`${name} OPEN ${field}`, value);
    for (const [prefix, paths] of announcements(peer)) {
      facts.set(`${name} is told ${prefix}`, [...paths].sort().join(' and '));
    }
  }
  return facts;
}

function openFacts({ open = {} }: ScriptedPeer): readonly (readonly [string, string])[] {
  const capabilities = (open['capabilities'] ?? []) as readonly { code: number; hex: string }[];
  return [
    ...['asn', 'holdTime', 'bgpId'].map((field) => [field, String(open[field])] as const),
    ...capabilities.map(({ code, hex }) => [`capability ${code}`, `0x${hex}`] as const),
  ];
}

/** Path identifiers are the speaker's own business; how many paths there are is not. */
function announcements({ announced }: ScriptedPeer): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>();
  for (const [key, attributes] of announced) {
    const nlri = JSON.parse(key) as string | { readonly prefix: string };
    const prefix = typeof nlri === 'string' ? nlri : nlri.prefix;
    paths.set(prefix, [...(paths.get(prefix) ?? []), attributes]);
  }
  return paths;
}

interface IpRoute {
  readonly type: string;
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly metric?: number;
  readonly flags?: readonly string[];
  readonly nexthops?: readonly { readonly gateway: string; readonly dev: string }[];
}

/** The routes of protocol 12 in the FIB. */
export async function fibFacts(host: Host): Promise<Facts> {
  const facts = new Map<string, string>();
  for (const [version, length] of [
    ['-4', 32],
    ['-6', 128],
  ] as const) {
    const text = await host.run(['ip', '-d', '-j', version, 'route', 'show', 'proto', 'bird']);
    for (const route of JSON.parse(text || '[]') as readonly IpRoute[]) {
      const prefix = route.dst.includes('/') ? route.dst : `${route.dst}/${length}`;
      facts.set(`FIB metric ${route.metric ?? 0} ${prefix}`, wayOf(route));
    }
  }
  return facts;
}

function wayOf({ type, dev = '', gateway = 'link', nexthops, flags = [] }: IpRoute): string {
  if (type !== 'unicast') return type;
  const hops = nexthops ?? [{ gateway, dev }];
  const onlink = flags.includes('onlink') ? ' onlink' : '';
  const ways = hops.map((hop) => `${hop.gateway} on ${hop.dev}${onlink}`);
  return ways.sort().join(' and ');
}
