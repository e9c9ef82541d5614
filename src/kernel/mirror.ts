export interface Slot<K, V> {
  /** The key of the last change: a key may hold more than what makes it equal to others. */
  key: K;
  value: V | undefined;
  /** The dump that last confirmed the value, or during which an event touched it. */
  generation: number;
}

/** Where a mirror keeps its slots: a `Map`, or what does as one. */
export interface Slots<K, V> {
  get(key: K): Slot<K, V> | undefined;
  set(key: K, slot: Slot<K, V>): unknown;
  delete(key: K): unknown;
  values(): Iterable<Slot<K, V>>;
}

/** Told of every difference; undefined stands for absent. */
export type Changed<V> = (before: V | undefined, after: V | undefined) => void;

/**
 * A copy of something that the kernel holds, kept up by events and set right by dumps: a dump after
 * lost events tells only differences, and what an event touched while a dump runs is newer than
 * what the dump says.
 */
export class Mirror<K, V> {
  readonly #changed: Changed<V>;
  readonly #slots: Slots<K, V>;
  #generation = 0;
  #dumping = false;

  constructor(changed: Changed<V>, slots: Slots<K, V> = new Map<K, Slot<K, V>>()) {
    this.#changed = changed;
    this.#slots = slots;
  }

  get(key: K): V | undefined {
    return this.#slots.get(key)?.value;
  }

  *values(): Generator<V> {
    for (const { value } of this.#slots.values()) if (value !== undefined) yield value;
  }

  /** A dump begins, or begins again. */
  begin(): void {
    this.#generation++;
    this.#dumping = true;
  }

  dumped(key: K, value: V): void {
    if (this.#slots.get(key)?.generation !== this.#generation) this.put(key, value);
  }

  /** The dump is whole: what it did not show is gone. */
  end(): void {
    this.#dumping = false;
    for (const slot of this.#slots.values()) {
      if (slot.value === undefined) this.#slots.delete(slot.key);
      else if (slot.generation !== this.#generation) this.put(slot.key, undefined);
    }
  }

  /** An event shows the value, or its absence. */
  put(key: K, value: V | undefined): void {
    this.update(key, () => value);
  }

  /** An event shows what changed about the value. */
  update(key: K, change: (before: V | undefined) => V | undefined): void {
    const slot = this.#slots.get(key);
    const before = slot?.value;
    const value = change(before);
    const generation = this.#generation;
    if (value === undefined && !this.#dumping) this.#slots.delete(key);
    else if (slot === undefined) this.#slots.set(key, { key, value, generation });
    else {
      slot.key = key;
      slot.value = value;
      slot.generation = generation;
    }
    if (before !== undefined || value !== undefined) this.#changed(before, value);
  }
}
