/** What is there as often as it was added and not dropped. */
export class Counted<Item> {
  readonly #counts = new Map<Item, number>();
  #items: readonly Item[] | undefined;

  /** Each once; the very same list until another item comes or the last of one goes. */
  get items(): readonly Item[] {
    this.#items ??= [...this.#counts.keys()];
    return this.#items;
  }

  add(item: Item): void {
    const count = this.#counts.get(item) ?? 0;
    if (count === 0) this.#items = undefined;
    this.#counts.set(item, count + 1);
  }

  drop(item: Item): void {
    const left = (this.#counts.get(item) ?? 0) - 1;
    if (left > 0) this.#counts.set(item, left);
    else {
      this.#counts.delete(item);
      this.#items = undefined;
    }
  }
}
