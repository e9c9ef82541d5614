/** First two octets of the extended community, transitive or not (draft-ietf-idr-link-bandwidth §2). */
const TYPES: readonly number[] = [0x00, 0x40];
const SUBTYPE = 0x04;

/** True for a Link Bandwidth extended community that begins at `at`. */
export const isLinkBandwidthAt = (bytes: Uint8Array, at: number): boolean =>
  bytes[at + 1] === SUBTYPE && TYPES.includes(bytes[at] as number);

/**
 * Octets per second of the first Link Bandwidth extended community; undefined where there is none
 * with a usable value.
 *
 *   type 1 | subtype 1 | AS number 2 | bandwidth 4, IEEE 754
 */
export function linkBandwidthOf(communities: readonly Uint8Array[]): number | undefined {
  const found = communities.find((each) => isLinkBandwidthAt(each, 0));
  if (found === undefined) return undefined;
  const value = Buffer.from(found).readFloatBE(4);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** RFC 4360 §6: such a community does not leave the AS. */
export const isTransitive = ([type = 0]: Uint8Array): boolean => (type & 0x40) === 0;
