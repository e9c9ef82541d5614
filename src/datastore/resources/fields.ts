import {
  type AddressBytes,
  canonicalAddress,
  formatAddress,
  isLinkLocal,
  parseAddress,
  parseIpv4Number,
} from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import { formatPrefix, parsePrefix, prefixFamily } from '../../net/prefix.ts';
import { parseSelector, type Selector } from '../selector.ts';
import { anything, type Check, integer, parsed, shape, text, wrong } from './schema.ts';
import type { Cidr, NodeAddress, SecretKeyRef } from './views.ts';

/** An AS number: a whole number, the same as text, or dotted text as `1.10`. */
export const asNumber: Check<number> = (value, field, report) => {
  const asn = typeof value === 'string' ? parseAsn(value) : value;
  if (typeof asn === 'number' && Number.isInteger(asn) && asn >= 0 && asn <= 0xffff_ffff)
    return asn;
  return wrong(report, field, value, 'an AS number (4294967295 at most; dotted ones in quotes)');
};

function parseAsn(written: string): number | undefined {
  if (/^\d{1,10}$/.test(written)) return Number(written);
  const [, high, low] = /^(\d{1,5})\.(\d{1,5})$/.exec(written) ?? [];
  if (high === undefined || low === undefined) return undefined;
  if (Number(high) > 0xffff || Number(low) > 0xffff) return undefined;
  return Number(high) * 0x1_0000 + Number(low);
}

/** An IP address, canonical. */
export const ipAddress: Check<string> = parsed('an IP address', canonicalAddress);

/** An id written as an IPv4 address, not zero. */
export const dottedQuad: Check<string> = parsed('a number written as IPv4 address', (written) =>
  (parseIpv4Number(written) ?? 0) === 0 ? undefined : written,
);

/** True for what one host can be reached by from any network: no group, no link-local address. */
export function isHostAddress(bytes: AddressBytes): boolean {
  const [first = 0] = bytes;
  const group = bytes.length === 4 ? first >= 224 : first === 0xff;
  return !group && !isLinkLocal(bytes) && bytes.some((octet) => octet !== 0);
}

/** A prefix with a length, as IPPools and blocks have; host bits are masked away. */
export const cidr: Check<Cidr> = parsed('a CIDR such as 10.1.0.0/16', parseCidr);

/** Undefined for anything but an address with a length. */
export function parseCidr(written: string): Cidr | undefined {
  const prefix = written.includes('/') ? parsePrefix(written) : undefined;
  return prefix && { family: prefixFamily(prefix), text: formatPrefix(prefix) };
}

/** A node's address with the length of its network, or alone. */
export function nodeAddress(family: Family): Check<NodeAddress> {
  const wanted = family === 'ipv4-unicast' ? 'an IPv4 address' : 'an IPv6 address';
  return parsed(`${wanted} of a host with or without /length`, (written) => {
    const network = parsePrefix(written);
    const address = parseAddress(written.split('/')[0] ?? '');
    if (network === undefined || address === undefined) return undefined;
    if (prefixFamily(network) !== family || !isHostAddress(address)) return undefined;
    return { address: formatAddress(address), network: formatPrefix(network) };
  });
}

/** A Go duration such as `1m30s` as whole seconds, half a second rounded up. */
export const duration: Check<number> = parsed('a duration such as 90s or 1m30s', (written) => {
  const seconds = parseDuration(written);
  return seconds === undefined ? undefined : Math.floor(seconds + 0.5);
});

/** A Go duration as seconds and parts of them, or undefined. */
export function parseDuration(written: string): number | undefined {
  if (written === '0') return 0;
  if (!/^(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(written)) return undefined;
  let seconds = 0;
  for (const [, amount, unit = ''] of written.matchAll(/([\d.]+)([a-zµ]+)/g))
    seconds += Number(amount) * (SECONDS[unit] ?? 0);
  return seconds;
}

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Linux: an interface name has at most 15 octets. */
export const interfaceGlob: Check<string> = parsed(
  'an interface name with wildcards, 15 characters at most',
  (written) => (/^[!-.0-~]{1,15}$/.test(written) ? written : undefined),
);

export const port: Check<number> = integer(0, 65_535);

export const selector: Check<Selector> = (value, field, report) => {
  if (typeof value !== 'string') return wrong(report, field, value, 'a selector');
  const result = parseSelector(value);
  if ('selector' in result) return result.selector;
  return report.error(
    'wrong-value',
    field,
    `the selector ${result.fault}`,
    "Write it as in: role == 'worker' && has(rack)",
  );
};

const secretReference = shape({
  secretKeyRef: shape({ name: text, key: text, optional: anything }),
});

/** `{ secretKeyRef: { name, key } }`. */
export const password: Check<SecretKeyRef> = (value, field, report) => {
  const reference = secretReference(value, field, report)?.secretKeyRef;
  if (reference?.name !== undefined && reference.key !== undefined)
    return { name: reference.name, key: reference.key };
  return report.error(
    'conflicting-fields',
    field,
    'a password needs secretKeyRef with name and key',
    'Name the Secret and its key',
  );
};
