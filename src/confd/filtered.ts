import { difference } from '../config/difference.ts';
import type { View } from '../datastore/resources/views.ts';
import { patched } from './patched.ts';
import { byKey, keyOfView } from './trace.ts';

/** The objects of a list that pass a test, kept up as the list changes. */
export class Filtered<Item extends View> {
  readonly #test: (item: Item) => boolean;
  #all: readonly Item[] = [];
  #passing: readonly Item[] = [];

  constructor(test: (item: Item) => boolean) {
    this.#test = test;
  }

  /** `all` in the order of their keys; the very same list as long as the same objects pass. */
  of(all: readonly Item[]): readonly Item[] {
    const { gone, come } = difference(this.#all, all, keyOfView);
    const step = { gone: gone.filter(this.#test), come: come.filter(this.#test) };
    this.#all = all;
    this.#passing = patched(this.#passing, step, byKey);
    return this.#passing;
  }
}
