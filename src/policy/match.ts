import { type CommunityPattern, parseCommunityPattern } from '../config/community.ts';
import type { Match, NumberMatch, Origin } from '../config/types.ts';
import { type AddressBytes, formatAddress } from '../net/address.ts';
import { compileGlob } from '../net/glob.ts';
import { containsAddress, type Prefix, parsePrefix } from '../net/prefix.ts';
import { compileAsPaths, hopsOf } from './as-path-condition.ts';
import { isLarge, isStandard, largeCommunities, standardCommunities } from './communities.ts';
import { compilePrefixes } from './prefix-condition.ts';
import type { RouteEdits, RouteView } from './route-view.ts';

/** One condition of a rule on the route as the rules before left it. */
export type Test = (route: RouteView, edits: RouteEdits) => boolean;

/** What the conditions of a rule are compiled for. */
export interface MatchContext {
  readonly kind: 'ibgp' | 'ebgp';
  /** Next hop of a route for which a rule set `nextHop: self`; undefined never matches. */
  readonly ownNextHop: AddressBytes | undefined;
}

/** LOCAL_PREF of a BGP route that carries none, as every implementation assumes. */
const DEFAULT_LOCAL_PREF = 100;

/** LOCAL_PREF as the next rule sees it; undefined for a local route to which no rule gave one. */
export const localPrefOf = (route: RouteView, edits: RouteEdits): number | undefined =>
  edits.localPref ??
  (route.attributes === undefined ? undefined : (route.attributes.localPref ?? DEFAULT_LOCAL_PREF));

/** All conditions of a match but peerType, the cheap ones first. */
export function compileMatch(match: Match, context: MatchContext): readonly Test[] {
  const tests: Test[] = [];
  const { source, prefix, interface: globs, metric, localPref, fromPeer } = match;
  if (source) tests.push((route) => source.includes(route.source));
  if (localPref !== undefined) {
    const match = typeof localPref === 'number' ? { eq: localPref } : localPref;
    tests.push(numberTest(localPrefOf, match));
  }
  if (metric) tests.push(numberTest(metricOf, metric));
  if (prefix) tests.push(compilePrefixes(prefix));
  if (globs) tests.push(interfaceTest(globs));
  if (fromPeer) {
    const names = new Set(fromPeer);
    tests.push((route) => names.has(route.fromPeer));
  }
  if (match.nextHop) tests.push(nextHopTest(match.nextHop, context.ownNextHop));
  if (match.community) tests.push(communityTest(match.community));
  if (match.asPathPrefix) tests.push(asPathTest(match.asPathPrefix));
  if (match.asPath) tests.push(compileAsPaths(match.asPath));
  if (match.asPathLength) tests.push(numberTest(asPathLengthOf, match.asPathLength));
  if (match.origin) tests.push(originTest(match.origin));
  if (match.med) tests.push(numberTest(medOf, match.med));
  return tests;
}

const medOf = ({ attributes }: RouteView, { med }: RouteEdits): number | undefined =>
  med ?? attributes?.med;

const asPathLengthOf = (route: RouteView, edits: RouteEdits): number => hopsOf(route, edits).length;

function originTest(origins: readonly Origin[]): Test {
  return ({ attributes }, edits) => {
    const origin = edits.origin ?? (attributes === undefined ? 'igp' : attributes.origin);
    return origin !== undefined && origins.includes(origin);
  };
}

const metricOf = (route: RouteView, edits: RouteEdits): number | undefined =>
  edits.metric ?? route.metric;

/** A number that is undefined never matches. */
function numberTest(numberOf: typeof metricOf, { eq, lt, le, gt, ge }: NumberMatch): Test {
  return (route, edits) => {
    const number = numberOf(route, edits);
    if (number === undefined) return false;
    if (eq !== undefined && number !== eq) return false;
    if (lt !== undefined && number >= lt) return false;
    if (le !== undefined && number > le) return false;
    if (gt !== undefined && number <= gt) return false;
    return ge === undefined || number >= ge;
  };
}

function interfaceTest(globs: readonly string[]): Test {
  const patterns = globs.map(compileGlob);
  return ({ interface: name }) => name !== '' && patterns.some((matches) => matches(name));
}

function nextHopTest(texts: readonly string[], own: AddressBytes | undefined): Test {
  const prefixes = texts.flatMap((text) => parsePrefix(text) ?? []);
  const isHost = ({ address, length }: Prefix): boolean => length === address.length * 8;
  const ranges = prefixes.filter((prefix) => !isHost(prefix));
  // With WireGuard there is one for each node of a cluster.
  const hosts = new Set(prefixes.filter(isHost).map(({ address }) => formatAddress(address)));
  return (route, edits) => {
    const nextHop = edits.nextHopSelf ? own : route.attributes?.nextHop;
    if (nextHop === undefined) return false;
    if (hosts.size > 0 && hosts.has(formatAddress(nextHop))) return true;
    return ranges.some((prefix) => containsAddress(prefix, nextHop));
  };
}

function communityTest(texts: readonly string[]): Test {
  const patterns = texts.flatMap((text) => parseCommunityPattern(text) ?? []);
  return (route, edits) => patterns.some((pattern) => carries(pattern, route, edits));
}

/** True for a route with a community that the pattern describes, after the edits so far. */
function carries(pattern: CommunityPattern, route: RouteView, edits: RouteEdits): boolean {
  return pattern.type === 'standard'
    ? standardCommunities(route, edits).some((value) => isStandard(pattern, value))
    : largeCommunities(route, edits).some((value) => isLarge(pattern, value));
}

function asPathTest(prefix: readonly number[]): Test {
  return ({ attributes }, { prependAsPath }) => {
    let matched = matchedAsns(prefix, 0, prependAsPath);
    for (const segment of attributes?.asPath ?? []) {
      if (matched < 0 || matched >= prefix.length) break;
      if (segment.type !== 'sequence') return false;
      matched = matchedAsns(prefix, matched, segment.asns);
    }
    return matched >= prefix.length;
  };
}

/** How much of `prefix` is matched after `asns`; -1 where they differ. */
function matchedAsns(prefix: readonly number[], from: number, asns: readonly number[]): number {
  const count = Math.min(asns.length, prefix.length - from);
  for (let i = 0; i < count; i++) if (asns[i] !== prefix[from + i]) return -1;
  return from + count;
}
