import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** A capability that bengal knows. `C` is its member of the `Capability` union. */
export interface CapabilityRow<C extends { readonly type: string }> {
  /** IANA capability code. */
  readonly code: number;
  readonly type: C['type'];
  /** Undefined, or a `TruncatedError`, when the value is malformed. */
  decode(value: Reader): C | undefined;
  encode(out: Writer, capability: C): void;
}

export interface AfiSafi {
  readonly afi: number;
  readonly safi: number;
}

/** A capability that says all by being there; a value is malformed. */
export const emptyCapability = <T extends string>(
  code: number,
  type: T,
): CapabilityRow<{ readonly type: T }> => ({
  code,
  type,
  decode: (value) => (value.remaining === 0 ? { type } : undefined),
  encode: () => {},
});
