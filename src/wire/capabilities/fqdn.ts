import type { CapabilityRow } from './capability-row.ts';
import { readText, writeText } from './text.ts';

export interface Fqdn {
  readonly type: 'fqdn';
  /** As the peer wrote them: not safe to print. */
  readonly hostName: string;
  readonly domainName: string;
}

/**
 * FQDN (draft-walton-bgp-hostname-capability).
 *
 *   host name    length (1 octet) and text
 *   domain name  length (1 octet) and text
 */
export const fqdn: CapabilityRow<Fqdn> = {
  code: 73,
  type: 'fqdn',
  decode(value) {
    const [hostName, domainName] = [readText(value), readText(value)];
    return value.remaining === 0 ? { type: 'fqdn', hostName, domainName } : undefined;
  },
  encode(out, { hostName, domainName }) {
    writeText(out, hostName);
    writeText(out, domainName);
  },
};
