import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** Both texts of an FQDN fit one capability. */
const MAX_TEXT = 64;

/** UTF-8 behind a length octet; invalid sequences become U+FFFD. */
export function readText(value: Reader): string {
  return Buffer.from(value.bytes(value.u8())).toString('utf8');
}

/** Cuts the text between characters to what the capability holds. */
export function writeText(out: Writer, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let end = Math.min(bytes.length, MAX_TEXT);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  out.u8(end);
  out.bytes(bytes.subarray(0, end));
}
