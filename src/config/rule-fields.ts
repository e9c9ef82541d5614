// biome-ignore-all lint/suspicious/noThenProperty: `then` is a word of the configuration's contract
import { parsePrefix } from '../net/prefix.ts';
import { type FieldChange, REFRESH_BOTH } from './change.ts';
import { type Field, type Fields, objectOf } from './fields.ts';
import {
  AS_PATH_PATTERN,
  ASN,
  COMMUNITY,
  COMMUNITY_PATTERN,
  GLOB,
  INTERFACE,
  NAME,
  PREFIX,
  U32,
} from './formats.ts';
import { choice, integer, type Kind, listOf, orNumber } from './kind.ts';
import type { Place } from './place.ts';
import type { Match, NumberMatch, PrefixMatch, Rule, SetActions } from './types.ts';

interface Optional<T> {
  readonly kind: Kind<T>;
  readonly about: string;
  readonly change: FieldChange;
  readonly absent: 'omitted';
}

const optional = <T>(kind: Kind<T>, about: string): Optional<T> => ({
  kind,
  about,
  change: REFRESH_BOTH,
  absent: 'omitted',
});

/** All ways to write a prefix condition at once; the check leaves one. */
interface WrittenPrefixMatch {
  readonly in?: string;
  readonly notIn?: string;
  readonly equal?: string;
  readonly notEqual?: string;
  readonly ge: number | undefined;
  readonly le: number | undefined;
}

const bits = (about: string): Field<number | undefined, WrittenPrefixMatch> => ({
  kind: integer(0, 128),
  about,
  change: REFRESH_BOTH,
  absent: () => undefined,
});

const PREFIX_MATCH_FIELDS: Fields<WrittenPrefixMatch> = {
  in: optional(PREFIX, 'The route lies within this prefix or equals it.'),
  notIn: optional(PREFIX, 'The negation of in.'),
  equal: optional(PREFIX, 'The route is this prefix.'),
  notEqual: optional(PREFIX, 'The negation of equal.'),
  ge: bits('Least prefix length, with in and notIn.'),
  le: bits('Greatest prefix length, with in and notIn.'),
};

function checkPrefixMatch(match: WrittenPrefixMatch, place: Place): void {
  const ways = [match.in, match.notIn, match.equal, match.notEqual].filter((way) => way);
  if (ways.length !== 1) {
    place.report(
      `${ways.length} of in, notIn, equal and notEqual are given`,
      'Give exactly one of in, notIn, equal and notEqual',
    );
    return;
  }
  const { ge, le } = match;
  const range = match.in ?? match.notIn;
  if (range === undefined) {
    if (ge === undefined && le === undefined) return;
    place.report('ge and le do not go with equal or notEqual', 'Use in or notIn, or remove them');
    return;
  }
  const prefix = parsePrefix(range);
  if (prefix === undefined) return;
  const most = prefix.address.length * 8;
  const least = Math.max(prefix.length, ge ?? 0);
  if (least > most || (le ?? most) > most)
    place.report(`ge and le end at ${most} for ${range}`, `Write lengths up to ${most}`);
  else if (least > (le ?? most))
    place.report(`no prefix length is from ${least} to ${le}`, 'Raise le or lower ge');
}

const PREFIX_MATCH = objectOf(
  PREFIX_MATCH_FIELDS,
  checkPrefixMatch,
) as unknown as Kind<PrefixMatch>;

const NUMBER_MATCH_FIELDS: Fields<NumberMatch> = {
  eq: optional(U32, 'Equal to.'),
  lt: optional(U32, 'Less than.'),
  le: optional(U32, 'At most.'),
  gt: optional(U32, 'Greater than.'),
  ge: optional(U32, 'At least.'),
};

const NUMBER_MATCH = objectOf(NUMBER_MATCH_FIELDS);

const ORIGIN = choice('igp', 'egp', 'incomplete');

const MATCH_FIELDS: Fields<Match> = {
  prefix: optional(listOf(PREFIX_MATCH), 'One of these prefix conditions holds.'),
  source: optional(
    listOf(choice('direct', 'static', 'kernel', 'bgp')),
    'Where the route comes from.',
  ),
  interface: optional(listOf(GLOB), 'Outgoing interface; a route without one never matches.'),
  peerType: optional(choice('ibgp', 'ebgp'), 'Kind of the session that the policy serves.'),
  community: optional(listOf(COMMUNITY_PATTERN), 'The route carries one of these communities.'),
  asPathPrefix: optional(listOf(ASN), 'AS_PATH begins with exactly this sequence.'),
  asPath: optional(listOf(AS_PATH_PATTERN), 'AS_PATH as a whole is as one of these patterns.'),
  asPathLength: optional(NUMBER_MATCH, 'Length of AS_PATH; an AS_SET counts one.'),
  origin: optional(listOf(ORIGIN), 'ORIGIN is one of these.'),
  med: optional(NUMBER_MATCH, 'MULTI_EXIT_DISC; undefined never matches.'),
  localPref: optional(orNumber(U32, NUMBER_MATCH), 'LOCAL_PREF; a bare number is meant exactly.'),
  metric: optional(NUMBER_MATCH, 'Kernel metric; undefined never matches.'),
  nextHop: optional(listOf(PREFIX), 'The next hop lies within one of these prefixes.'),
  fromPeer: optional(listOf(NAME), 'The route was learned from one of these peers.'),
};

const SET_FIELDS: Fields<SetActions> = {
  localPref: optional(U32, 'LOCAL_PREF.'),
  med: optional(U32, 'MULTI_EXIT_DISC.'),
  metric: optional(U32, 'Kernel metric.'),
  preference: optional(U32, 'Preference between sources; the highest wins.'),
  origin: optional(ORIGIN, 'ORIGIN.'),
  removeCommunity: optional(listOf(COMMUNITY_PATTERN), 'Communities to remove; * for any part.'),
  addCommunity: optional(listOf(COMMUNITY), 'Communities to add.'),
  prependAsPath: optional(listOf(ASN), 'AS numbers to put before AS_PATH, in this order.'),
  nextHop: optional(choice('self'), 'Own address as next hop.'),
  tunnel: optional(INTERFACE, 'Interface by which an encapsulated route leaves (onlink).'),
  localPrefFromMetric: optional(U32, 'LOCAL_PREF becomes this number minus the metric.'),
  metricFromLocalPref: optional(U32, 'The metric becomes this number minus LOCAL_PREF.'),
};

const RULE_FIELDS: Fields<Rule> = {
  match: {
    kind: objectOf(MATCH_FIELDS),
    about: 'All conditions must hold; absent or empty matches everything.',
    change: REFRESH_BOTH,
    absent: () => ({}),
  },
  set: {
    kind: objectOf(SET_FIELDS),
    about: 'Changes to a matching route, seen by later rules.',
    change: REFRESH_BOTH,
    absent: () => ({}),
  },
  then: {
    kind: choice('accept', 'reject', 'continue'),
    about: 'accept and reject end the evaluation.',
    change: REFRESH_BOTH,
    absent: 'required',
  },
};

export const RULE: Kind<Rule> = objectOf(RULE_FIELDS);
