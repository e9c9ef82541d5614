interface Slot<V> {
  value: V | undefined;
  /** The dump that last confirmed the value, or during which an event touched it. */
  generation: number;
}

/** Told of every difference; undefined stands for absent. */
export type Changed<V> = (before: V | undefined, after: V | undefined) => void;

/**
 * A copy of something that the kernel holds, kept up by events and set right by dumps: a dump after
 * lost events tells only differences, and what an event touched while a dump runs is newer than
 * what the dump says.
 */
export class Mirror<V> {
  readonly #changed: Changed<V>;
  readonly #slots = new Map<string | number, Slot<V>>();
  #generation = 0;
  #dumping = false;

  constructor(changed: Changed<V>) {
    this.#changed = changed;
  }

  get(key: string | number): V | undefined {
    return this.#slots.get(key)?.value;
  }

  *entries(): Generator<readonly [string | number, V]> {
    for (const [key, { value }] of this.#slots) if (value !== undefined) yield [key, value];
  }

  /** A dump begins, or begins again. */
  begin(): void {
    this.#generation++;
    this.#dumping = true;
  }

  dumped(key: string | number, value: V): void {
    if (this.#slots.get(key)?.generation !== this.#generation) this.put(key, value);
  }

  /** The dump is whole: what it did not show is gone. */
  end(): void {
    this.#dumping = false;
    for (const [key, slot] of this.#slots) {
      if (slot.value === undefined) this.#slots.delete(key);
      else if (slot.generation !== this.#generation) this.put(key, undefined);
    }
  }

  /** An event shows the value, or its absence. */
  put(key: string | number, value: V | undefined): void {
    const slot = this.#slots.get(key);
    const before = slot?.value;
    if (value === undefined && !this.#dumping) this.#slots.delete(key);
    else if (slot === undefined) this.#slots.set(key, { value, generation: this.#generation });
    else {
      slot.value = value;
      slot.generation = this.#generation;
    }
    if (before !== undefined || value !== undefined) this.#changed(before, value);
  }
}
