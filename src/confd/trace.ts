import { keyOf } from '../datastore/datastore.ts';
import type { View } from '../datastore/resources/views.ts';
import type { Origin } from './types.ts';

/** Origins by JSON pointer, relative to the part of the configuration that they belong to. */
export type Origins = Readonly<Record<string, Origin>>;

/** A part of the configuration with the origins of what is in it. */
export interface Traced<T> {
  readonly value: T;
  readonly origins: Origins;
}

/** The origin of a value that stands in a field of an object, or of the object as a whole. */
export const from = (view: View, field: string, rule: string): Origin => ({
  resource: keyOf(view.resource),
  field,
  rule,
});

/** The origin of a value that no object gives. */
export const builtIn = (rule: string): Origin => ({ resource: undefined, field: '', rule });

/** Joins parts of a list into one, each part's origins below its index. */
export function traceList<T>(parts: readonly Traced<T>[]): Traced<readonly T[]> {
  const origins = parts.flatMap((part, index) => Object.entries(below(`/${index}`, part.origins)));
  return { value: parts.map(({ value }) => value), origins: Object.fromEntries(origins) };
}

/** The same origins as seen from further up. */
export const below = (pointer: string, origins: Origins): Origins =>
  Object.fromEntries(Object.entries(origins).map(([at, origin]) => [`${pointer}${at}`, origin]));

/** Text order by code units: the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
