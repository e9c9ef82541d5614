import type { CommunityPattern } from '../config/community.ts';
import { largeCommunityText } from './edits.ts';
import type { RouteEdits, RouteView } from './route-view.ts';

/** The standard communities of a route after the edits so far, as numbers. */
export function standardCommunities(
  { attributes }: RouteView,
  { addCommunities, removeCommunities }: RouteEdits,
): readonly number[] {
  const received = attributes?.communities ?? [];
  if (addCommunities.length + removeCommunities.length === 0) return received;
  return [...received.filter((value) => !removeCommunities.includes(value)), ...addCommunities];
}

/** The large communities of a route after the edits so far, as `a:b:c`. */
export function largeCommunities(
  { attributes }: RouteView,
  { addLargeCommunities, removeLargeCommunities }: RouteEdits,
): readonly string[] {
  const received = attributes?.largeCommunities.map(largeCommunityText) ?? [];
  return [
    ...received.filter((text) => !removeLargeCommunities.includes(text)),
    ...addLargeCommunities,
  ];
}

export const isStandard = ({ parts: [high, low] }: CommunityPattern, value: number): boolean =>
  (high === undefined || value >>> 16 === high) && (low === undefined || (value & 0xffff) === low);

export const isLarge = ({ parts }: CommunityPattern, value: string): boolean =>
  value
    .split(':')
    .every((word, index) => parts[index] === undefined || parts[index] === Number(word));
