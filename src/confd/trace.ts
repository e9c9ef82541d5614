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
  resource: keyOfView(view),
  field,
  rule,
});

/** The origin of a value that no object gives. */
export const builtIn = (rule: string): Origin => ({ resource: undefined, field: '', rule });

/** Text order by code units: the same on every machine. */
export const byText = (a: string, b: string): number => (a > b ? 1 : a < b ? -1 : 0);

export const keyOfView = ({ resource }: View): string => keyOf(resource);

/** The order of views by their objects' keys. */
export const byKey = (a: View, b: View): number => byText(keyOfView(a), keyOfView(b));
