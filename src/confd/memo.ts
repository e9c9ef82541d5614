/**
 * Remembers what was made of objects, and forgets all of it as soon as anything else that went into
 * it is another value or object: a derivation gives the same with and without it. Of an object that
 * nobody holds any more nothing is kept.
 */
export class Memo<Key extends object, Made> {
  #inputs: readonly unknown[] = [];
  #known = new WeakMap<Key, Made>();

  /** `make`, asked once for each object; it must depend on nothing but that and `inputs`. */
  under(inputs: readonly unknown[], make: (key: Key) => Made): (key: Key) => Made {
    if (!isSame(inputs, this.#inputs)) this.#known = new WeakMap();
    this.#inputs = inputs;
    const known = this.#known;
    return (key) => {
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = make(key);
      known.set(key, made);
      return made;
    };
  }
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((input, index) => Object.is(input, b[index]));
