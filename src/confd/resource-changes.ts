import type { Difference } from '../config/difference.ts';
import { keyOf, type Resource } from '../datastore/datastore.ts';

/**
 * The objects of only one of two lists, by kind. Exact where the lists are in one order but for
 * newcomers at the end, as the values of a Map are; elsewhere an object may have gone and come.
 */
export function changesOf(
  before: readonly Resource[],
  now: readonly Resource[],
): ReadonlyMap<string, Difference<Resource>> {
  const changes = new Map<string, { readonly gone: Resource[]; readonly come: Resource[] }>();
  const changeOf = (
    resource: Resource,
  ): { readonly gone: Resource[]; readonly come: Resource[] } => {
    const known = changes.get(resource.kind);
    if (known !== undefined) return known;
    const change = { gone: [], come: [] };
    changes.set(resource.kind, change);
    return change;
  };
  let next = 0;
  const drop = (): void => {
    const old = before[next++];
    if (old !== undefined) changeOf(old).gone.push(old);
  };
  for (const resource of now) {
    if (!Object.is(before[next], resource)) {
      const key = keyOf(resource);
      // Whatever comes before the former place of this object was deleted.
      for (let old = before[next]; old !== undefined && keyOf(old) !== key; old = before[next])
        drop();
    }
    if (Object.is(before[next], resource)) next++;
    else {
      drop();
      changeOf(resource).come.push(resource);
    }
  }
  while (next < before.length) drop();
  return changes;
}
