import type { Product, Route } from '../../speaker.ts';
import type { Case } from './cases.ts';
import { innocent, later, MARK } from './script.ts';

/** What a speaker made of a case. */
export interface Seen {
  readonly product: Product;
  /** How it ended the session; undefined when it did not. */
  readonly ended: string | undefined;
  /** The routes that it holds of this neighbour, by prefix. */
  readonly routes: ReadonlyMap<string, Route>;
}

/**
 * What becomes of the session and of the routes of the message, in words that two speakers can be
 * compared by: `3/1` or `closed` where the session ended, `kept` where the message names no prefix,
 * else the fate of its prefixes: `accepted`, `withdrawn` or `unchanged`. Attributes are named where
 * only one of both shows them.
 */
export function outcome(one: Case, index: number, mine: Seen, other: Seen): string {
  if (mine.ended !== undefined) return mine.ended;
  const fates = one.prefixes.map((prefix) =>
    fateOf(mine.routes.get(prefix), other.routes.get(prefix), (attribute) =>
      [mine, other].every(({ product }) => tells(product, attribute)),
    ),
  );
  const around = one.phase === 'Established' ? surroundings(one, index, mine) : [];
  return [...new Set(fates.length === 0 ? ['kept'] : fates), ...around].join(', ');
}

/** Routes that must be there whatever the message was, and routes that nobody announced. */
function surroundings({ prefixes }: Case, index: number, { routes }: Seen): readonly string[] {
  const announced = [innocent(index), later(index)];
  const strange = [...routes.keys()].filter((at) => ![...prefixes, ...announced].includes(at));
  return [
    ...announced.filter((prefix) => !routes.has(prefix)).map((prefix) => `lost ${prefix}`),
    ...strange.map((prefix) => `made up ${prefix}`),
  ];
}

function fateOf(
  mine: Route | undefined,
  other: Route | undefined,
  comparable: (attribute: string) => boolean,
): string {
  if (mine === undefined) return 'withdrawn';
  if (wellFormed(mine)) return 'unchanged';
  if (other === undefined || wellFormed(other)) return 'accepted';
  const theirs = describe(other);
  const more = describe(mine).filter((each) => comparable(each) && !theirs.includes(each));
  return more.length === 0 ? 'accepted' : `accepted with ${more.join(', ')}`;
}

/** The route from before the message is still there. */
const wellFormed = ({ communities = [] }: Route): boolean => communities.join(' ') === MARK;

const describe = (route: Route): readonly string[] => [
  `AS_PATH ${route.asPath.split(/[ ,]/).slice(0, PATH_SHOWN).join(' ')}`,
  `NEXT_HOP ${route.nextHop}`,
  `LOCAL_PREF ${route.localPref ?? DEFAULT_LOCAL_PREF}`,
  ...(route.originatorId === undefined ? [] : [`ORIGINATOR_ID ${route.originatorId}`]),
  ...(route.clusterList === undefined ? [] : [`CLUSTER_LIST ${route.clusterList.join(' ')}`]),
  ...(route.med === undefined ? [] : [`MED ${route.med}`]),
  ...list('COMMUNITIES', route.communities),
  ...list('LARGE_COMMUNITIES', route.largeCommunities),
  ...(route.attributes ?? []),
];

const list = (name: string, communities: readonly string[] = []): readonly string[] =>
  communities.length === 0 ? [] : [`${name} ${communities.join(' ')}`];

/** AS numbers of a path that are compared: BIRD prints no more than its buffer holds. */
const PATH_SHOWN = 50;

/** What the daemons show of a route that came without one. */
const DEFAULT_LOCAL_PREF = 100;

/** Whether a product shows attributes of this kind at all. */
const tells = (product: Product, attribute: string): boolean =>
  product !== 'frr' || !/^(OTC|\d+) /.test(attribute);
