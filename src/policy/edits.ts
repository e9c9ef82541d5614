import type { LargeCommunity, PathAttributes } from '../wire/path-attributes.ts';
import type { RouteEdits } from './route-view.ts';

/** Edits that change nothing; one object serves many routes with `resetEdits` between them. */
export const newEdits = (): RouteEdits => ({
  localPref: undefined,
  med: undefined,
  metric: undefined,
  preference: undefined,
  origin: undefined,
  addCommunities: [],
  removeCommunities: [],
  addLargeCommunities: [],
  removeLargeCommunities: [],
  prependAsPath: [],
  nextHopSelf: false,
  tunnel: undefined,
});

const NO_ASNS: readonly number[] = [];

export function resetEdits(edits: RouteEdits): void {
  edits.localPref = undefined;
  edits.med = undefined;
  edits.metric = undefined;
  edits.preference = undefined;
  edits.origin = undefined;
  edits.addCommunities.length = 0;
  edits.removeCommunities.length = 0;
  edits.addLargeCommunities.length = 0;
  edits.removeLargeCommunities.length = 0;
  edits.prependAsPath = NO_ASNS;
  edits.nextHopSelf = false;
  edits.tunnel = undefined;
}

/**
 * The attributes after the edits; the same object where nothing changes. Metric, preference and
 * tunnel are no attributes, and `nextHopSelf` is for the caller, who knows the address.
 */
export function applyEdits(attributes: PathAttributes, edits: RouteEdits): PathAttributes {
  const { localPref = attributes.localPref, med = attributes.med } = edits;
  const { origin = attributes.origin } = edits;
  const communities = editedCommunities(attributes.communities, edits);
  const largeCommunities = editedLargeCommunities(attributes.largeCommunities, edits);
  const asPath = prependedPath(attributes.asPath, edits.prependAsPath);
  const same =
    localPref === attributes.localPref &&
    med === attributes.med &&
    origin === attributes.origin &&
    communities === attributes.communities &&
    largeCommunities === attributes.largeCommunities &&
    asPath === attributes.asPath;
  return same
    ? attributes
    : { ...attributes, localPref, med, origin, communities, largeCommunities, asPath };
}

function editedCommunities(
  received: readonly number[],
  { addCommunities, removeCommunities }: RouteEdits,
): readonly number[] {
  const kept = received.filter((value) => !removeCommunities.includes(value));
  const added = addCommunities.filter((value) => !kept.includes(value));
  return kept.length === received.length && added.length === 0 ? received : [...kept, ...added];
}

export const largeCommunityText = ({ global, local1, local2 }: LargeCommunity): string =>
  `${global}:${local1}:${local2}`;

function editedLargeCommunities(
  received: readonly LargeCommunity[],
  { addLargeCommunities, removeLargeCommunities }: RouteEdits,
): readonly LargeCommunity[] {
  if (addLargeCommunities.length === 0 && removeLargeCommunities.length === 0) return received;
  const kept = received.filter(
    (each) => !removeLargeCommunities.includes(largeCommunityText(each)),
  );
  const texts = kept.map(largeCommunityText);
  const added = addLargeCommunities
    .filter((text) => !texts.includes(text))
    .map((text): LargeCommunity => {
      const [global = 0, local1 = 0, local2 = 0] = text.split(':').map(Number);
      return { global, local1, local2 };
    });
  return kept.length === received.length && added.length === 0 ? received : [...kept, ...added];
}

/** RFC 4271 §5.1.2: a segment holds at most 255 AS numbers. */
const MAX_SEGMENT = 255;

function prependedPath(
  path: PathAttributes['asPath'],
  asns: readonly number[],
): PathAttributes['asPath'] {
  if (asns.length === 0) return path;
  const [first, ...others] = path ?? [];
  if (first?.type === 'sequence' && first.asns.length + asns.length <= MAX_SEGMENT)
    return [{ type: 'sequence', asns: [...asns, ...first.asns] }, ...others];
  return [{ type: 'sequence', asns }, ...(path ?? [])];
}
