/** What was made last, for as long as all that it was made of stays the very same. */
export class Last<Made> {
  #kept: { readonly inputs: readonly unknown[]; readonly made: Made } | undefined;

  /** `make` must depend on nothing but `inputs`. */
  of(inputs: readonly unknown[], make: () => Made): Made {
    if (this.#kept === undefined || !isSame(this.#kept.inputs, inputs))
      this.#kept = { inputs, made: make() };
    return this.#kept.made;
  }
}

/** Whether two lists hold the very same in the same order. */
export const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a === b || (a.length === b.length && a.every((item, index) => Object.is(item, b[index])));

/** What `make` gives, made when it is asked for first. */
export function once<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
