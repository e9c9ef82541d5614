import type { Match, PrefixMatch, Rule, SetActions } from '../../config/types.ts';
import { builtIn, type Origins, type Traced } from '../trace.ts';
import type { Origin } from '../types.ts';

/** A prefix to match, with the object that named it. */
export interface Named {
  readonly prefix: string;
  readonly origin: Origin;
}

/** A rule whose every part has one origin. */
export const rule = (
  origin: Origin,
  match: Match,
  verdict: Rule['then'],
  set: SetActions = {},
): Traced<Rule> => ({ value: plainRule(match, verdict, set), origins: { '': origin } });

/** One rule over a list of prefixes, for what is in one of them; none when the list is empty. */
export function within(
  prefixes: readonly Named[],
  verdict: Rule['then'],
  more: Match = {},
): readonly Traced<Rule>[] {
  return listed(prefixes, verdict, more, ({ prefix }) => ({ in: prefix, ...ANY_LENGTH }));
}

/** The same for routes that equal one of the prefixes. */
export function equal(prefixes: readonly Named[], verdict: Rule['then']): readonly Traced<Rule>[] {
  return listed(prefixes, verdict, {}, ({ prefix }) => ({ equal: prefix, ...ANY_LENGTH }));
}

const ANY_LENGTH = { ge: undefined, le: undefined };

function listed(
  prefixes: readonly Named[],
  verdict: Rule['then'],
  more: Match,
  matchOf: (named: Named) => PrefixMatch,
): readonly Traced<Rule>[] {
  if (prefixes.length === 0) return [];
  const match: Match = { prefix: prefixes.map(matchOf), ...more };
  return [{ value: plainRule(match, verdict, {}), origins: listOrigins('prefix', prefixes) }];
}

/** The origins of a rule that is there for each entry of a list. */
export function listOrigins(
  field: keyof Match,
  entries: readonly { readonly origin: Origin }[],
): Origins {
  const origins = entries.map(({ origin }, index) => [`/match/${field}/${index}`, origin] as const);
  return { '': builtIn('one rule for all that it lists'), ...Object.fromEntries(origins) };
}

const plainRule = (match: Match, then: Rule['then'], set: SetActions): Rule => ({
  match,
  set,
  then,
});
