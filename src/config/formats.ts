import { canonicalAddress, parseAddress, parseIpv4Number } from '../net/address.ts';
import { formatPrefix, parsePrefix } from '../net/prefix.ts';
import { formatAsPathPattern, parseAsPathPattern } from './as-path-pattern.ts';
import {
  formatCommunity,
  formatCommunityPattern,
  parseCommunity,
  parseCommunityPattern,
} from './community.ts';
import { integer, type Kind, text } from './kind.ts';

export const ASN: Kind<number> = integer(1, 0xffffffff);
export const U32: Kind<number> = integer(0, 0xffffffff);
export const PORT: Kind<number> = integer(1, 65535);
export const SECONDS: Kind<number> = integer(0, 65535);

export const ADDRESS: Kind<string> = text('an IP address', '10.0.0.1', canonicalAddress);

/** A remote address: neither unspecified nor multicast. */
export const PEER_ADDRESS: Kind<string> = text(
  'the IP address of one host',
  '10.0.0.2',
  (written) => {
    const bytes = parseAddress(written);
    if (bytes === undefined || bytes.every((octet) => octet === 0)) return undefined;
    const first = bytes[0] ?? 0;
    const multicast = bytes.length === 4 ? first >= 224 : first === 0xff;
    return multicast ? undefined : canonicalAddress(written);
  },
);

/** Router id or cluster id: a dotted quad other than 0.0.0.0 (RFC 6286). */
export const QUAD: Kind<string> = text('a dotted quad other than 0.0.0.0', '10.0.0.1', (written) =>
  (parseIpv4Number(written) ?? 0) === 0 ? undefined : written,
);

export const PREFIX: Kind<string> = text('a prefix', '10.1.0.0/26', (written) => {
  const prefix = parsePrefix(written);
  return prefix && formatPrefix(prefix);
});

export const COMMUNITY: Kind<string> = text(
  'a community a:b, a:b:c or a well-known name such as no-export',
  '64512:7',
  (written) => {
    const community = parseCommunity(written);
    return community && formatCommunity(community);
  },
);

export const COMMUNITY_PATTERN: Kind<string> = text(
  'a community, or one in which * stands for any number',
  '64512:*',
  (written) => {
    const pattern = parseCommunityPattern(written);
    return pattern && formatCommunityPattern(pattern);
  },
);

export const AS_PATH_PATTERN: Kind<string> = text(
  'AS numbers, ranges a..b, ? for any one and * for any number of them, 64 at most',
  '* 65001 ?',
  (written) => {
    const tokens = parseAsPathPattern(written);
    return tokens && formatAsPathPattern(tokens);
  },
);

export const NAME: Kind<string> = text(
  'a name of 1 to 253 printable characters',
  'tor-1',
  (name) => (/^[^\s\p{Cc}](?:[^\p{Cc}]{0,251}[^\s\p{Cc}])?$/u.test(name) ? name : undefined),
);

/** What capability 73 has room for (draft-walton-bgp-hostname-capability). */
export const HOST_NAME: Kind<string> = text('a host name of 1 to 64 characters', 'rr-1', (name) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) ? name : undefined,
);

/** As long as every peer understands it (RFC 8203). */
export const SHUTDOWN_TEXT: Kind<string> = text(
  'a text of at most 128 octets without control characters',
  'maintenance until 6',
  (words) => (Buffer.byteLength(words) <= 128 && !/\p{Cc}/u.test(words) ? words : undefined),
);

/** Linux IFNAMSIZ: 15 octets. */
export const INTERFACE: Kind<string> = text('an interface name', 'eth0', (name) =>
  /^[!-.0-~]{1,15}$/.test(name) ? name : undefined,
);

export const GLOB: Kind<string> = text(
  'an interface name, in which * and ? are wildcards',
  'cali*',
  (glob) => (/^[!-.0-~]{1,15}$/.test(glob) ? glob : undefined),
);

/** A glob, or one that excludes. */
export const NEGATABLE_GLOB: Kind<string> = text(
  'an interface name with wildcards, after ! what to leave out',
  '!cali*',
  (glob) => (/^!?[!-.0-~]{1,15}$/.test(glob) ? glob : undefined),
);
