import type { AfiSafi, CapabilityRow } from './capability-row.ts';

export interface GracefulRestart {
  readonly type: 'graceful-restart';
  /** R bit: the sender has restarted. */
  readonly restarting: boolean;
  /** N bit, RFC 8538 §2. */
  readonly notification: boolean;
  /** In seconds, 0 to 4095. */
  readonly restartTime: number;
  /** `forwarding` is the F bit: forwarding state was preserved. */
  readonly families: readonly (AfiSafi & { readonly forwarding: boolean })[];
}

const RESTART = 0x8000;
const NOTIFICATION = 0x4000;
const TIME = 0x0fff;
const FORWARDING = 0x80;

/**
 * Graceful Restart, RFC 4724 §3.
 *
 *   flags and time  2 octets: R | N | 2 reserved | restart time (12 bits)
 *   families, each:
 *     AFI    2 octets
 *     SAFI   1 octet
 *     flags  1 octet: F | 7 reserved
 */
export const gracefulRestart: CapabilityRow<GracefulRestart> = {
  code: 64,
  type: 'graceful-restart',
  decode(value) {
    const word = value.u16();
    const families: GracefulRestart['families'][number][] = [];
    while (value.remaining > 0) {
      const [afi, safi, flags] = [value.u16(), value.u8(), value.u8()];
      families.push({ afi, safi, forwarding: (flags & FORWARDING) !== 0 });
    }
    return {
      type: 'graceful-restart',
      restarting: (word & RESTART) !== 0,
      notification: (word & NOTIFICATION) !== 0,
      restartTime: word & TIME,
      families,
    };
  },
  encode(out, { restarting, notification, restartTime, families }) {
    const flags = (restarting ? RESTART : 0) | (notification ? NOTIFICATION : 0);
    out.u16(flags | Math.min(restartTime, TIME));
    for (const { afi, safi, forwarding } of families) {
      out.u16(afi);
      out.u8(safi);
      out.u8(forwarding ? FORWARDING : 0);
    }
  },
};
