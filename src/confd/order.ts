import { byText } from './trace.ts';

/**
 * Sorts by text, beginning with the order of last time: of thousands few are new, and what is nearly
 * in order is sorted with few comparisons. The result depends on the items alone.
 */
export class Order<T extends object> {
  readonly #places = new WeakMap<T, number>();

  sort(items: Iterable<T>, textOf: (item: T) => string): readonly T[] {
    const placed: T[] = [];
    const others: T[] = [];
    for (const item of items) {
      const place = this.#places.get(item);
      if (place === undefined || placed[place] !== undefined) others.push(item);
      else placed[place] = item;
    }
    const sorted = placed.filter(() => true).concat(others);
    sorted.sort((a, b) => byText(textOf(a), textOf(b)));
    for (const [place, item] of sorted.entries()) this.#places.set(item, place);
    return sorted;
  }
}
