import type { AfiSafi, CapabilityRow } from './capability-row.ts';

export interface LongLivedGracefulRestart {
  readonly type: 'long-lived-graceful-restart';
  /** `staleTime` in seconds, 0 to 16,777,215. */
  readonly families: readonly (AfiSafi & {
    readonly forwarding: boolean;
    readonly staleTime: number;
  })[];
}

const FORWARDING = 0x80;

/**
 * Long-Lived Graceful Restart, RFC 9494 §3.1.
 *
 *   families, each:
 *     AFI         2 octets
 *     SAFI        1 octet
 *     flags       1 octet: F | 7 reserved
 *     stale time  3 octets
 */
export const longLivedGracefulRestart: CapabilityRow<LongLivedGracefulRestart> = {
  code: 71,
  type: 'long-lived-graceful-restart',
  decode(value) {
    const families: LongLivedGracefulRestart['families'][number][] = [];
    while (value.remaining > 0) {
      const [afi, safi, flags] = [value.u16(), value.u8(), value.u8()];
      const staleTime = (value.u8() << 16) | value.u16();
      families.push({ afi, safi, forwarding: (flags & FORWARDING) !== 0, staleTime });
    }
    return { type: 'long-lived-graceful-restart', families };
  },
  encode(out, { families }) {
    for (const { afi, safi, forwarding, staleTime } of families) {
      out.u16(afi);
      out.u8(safi);
      out.u8(forwarding ? FORWARDING : 0);
      out.u8(staleTime >>> 16);
      out.u16(staleTime);
    }
  },
};
