/** An IP address in network byte order: 4 octets for IPv4, 16 for IPv6. */
export type AddressBytes = Uint8Array;

const DOT = 0x2e;
const ZERO = 0x30;

/** Parses the text of an address without zone or prefix length; undefined when it is not one. */
export function parseAddress(text: string): AddressBytes | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Canonical text (RFC 5952 for IPv6). `bytes` has 4 or 16 octets. */
export function formatAddress(bytes: AddressBytes): string {
  if (bytes.length !== 4) return formatIpv6(bytes);
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** Canonical text of an address, or undefined when `text` is not one. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes && formatAddress(bytes);
}

/** An IPv4 address as an unsigned 32-bit number, or undefined; router and cluster ids are these. */
export function parseIpv4Number(text: string): number | undefined {
  const bytes = parseIpv4(text);
  if (bytes === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

export const formatIpv4Number = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

/** `::ffff:a.b.c.d` as IPv4, anything else unchanged: a dual-stack socket reports peers so. */
export function unmapped(text: string): string {
  return text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text;
}

/** True for fe80::/10. */
export const isLinkLocal = (bytes: AddressBytes): boolean =>
  bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;

function parseIpv4(text: string): AddressBytes | undefined {
  const bytes = new Uint8Array(4);
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || part === 3) return undefined;
      bytes[part++] = value;
      digits = value = 0;
      continue;
    }
    const digit = code - ZERO;
    // No leading zeros: some would read such a number as octal.
    if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return undefined;
    digits++;
    value = value * 10 + digit;
    if (value > 255) return undefined;
  }
  if (digits === 0 || part !== 3) return undefined;
  bytes[3] = value;
  return bytes;
}

function parseIpv6(text: string): AddressBytes | undefined {
  const [headText, tailText, ...more] = text.split('::');
  if (headText === undefined || more.length > 0) return undefined;
  const tail = tailText === undefined ? undefined : groups(tailText, true);
  const head = groups(headText, tailText === undefined);
  if (head === undefined || (tailText !== undefined && tail === undefined)) return undefined;
  const known = head.length + (tail?.length ?? 0);
  if (tail === undefined ? known !== 8 : known > 7) return undefined;
  const words = [...head, ...Array<number>(8 - known).fill(0), ...(tail ?? [])];
  return Uint8Array.from(words.flatMap((word) => [word >>> 8, word & 255]));
}

/** The 16-bit groups of one side of `::`; a dotted IPv4 tail is allowed where `last`. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const words: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const value = parseIpv4Number(part);
      if (value === undefined) return undefined;
      words.push(value >>> 16, value & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      words.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return words;
}

function formatIpv6(bytes: AddressBytes): string {
  const words = Array.from({ length: 8 }, (_, i) => wordAt(bytes, i));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && words[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const hex = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  if (best.length < 2) return hex(0, 8);
  return `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`;
}

const wordAt = (bytes: AddressBytes, index: number): number =>
  ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0);
