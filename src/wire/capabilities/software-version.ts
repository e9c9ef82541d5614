import type { CapabilityRow } from './capability-row.ts';
import { readText, writeText } from './text.ts';

export interface SoftwareVersion {
  readonly type: 'software-version';
  /** As the peer wrote it: not safe to print. */
  readonly version: string;
}

/**
 * Software Version (draft-abraitis-bgp-version-capability).
 *
 *   version  length (1 octet) and text
 */
export const softwareVersion: CapabilityRow<SoftwareVersion> = {
  code: 75,
  type: 'software-version',
  decode(value) {
    const version = readText(value);
    return value.remaining === 0 ? { type: 'software-version', version } : undefined;
  },
  encode: (out, { version }) => writeText(out, version),
};
