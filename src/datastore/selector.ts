/** A Calico label selector, ready to be asked. */
export interface Selector {
  readonly text: string;
  matches(labels: ReadonlyMap<string, string>): boolean;
}

/** Parses a selector; the empty one matches everything. A fault says what is wrong and where. */
export function parseSelector(
  text: string,
): { readonly selector: Selector } | { readonly fault: string } {
  return { fault: `cannot parse ${text}` };
}
