import { BengalError } from '../../runtime/error.ts';

/** MRT types, RFC 6396 §4. */
export const TABLE_DUMP_V2 = 13;
export const BGP4MP = 16;
export const BGP4MP_ET = 17;

const HEADER_LENGTH = 12;
/** Longest record that is read, in octets: a prefix with thousands of long paths. */
const MAX_RECORD = 16 * 1024 * 1024;

/** One record of an MRT file, its body not yet read. */
export interface MrtRecord {
  /** Microseconds since the Unix epoch; whole seconds where the type has no more. */
  readonly time: number;
  readonly type: number;
  readonly subtype: number;
  /** Without the microseconds of BGP4MP_ET. */
  readonly body: Buffer;
}

/** What a file holds is not MRT, or not what its headers say. */
export const malformed = (message: string): BengalError =>
  new BengalError('malformed-mrt', message, { cure: 'give an MRT file (RFC 6396), plain or gzip' });

/**
 * A record as octets, RFC 6396 §2 and §3:
 *
 *   time          4 octets, seconds
 *   type          2 octets
 *   subtype       2 octets
 *   length        4 octets, of all that follows
 *   microseconds  4 octets, only in BGP4MP_ET
 *   body
 */
export function encodeRecord({ time, type, subtype, body }: MrtRecord): Buffer {
  const extra = type === BGP4MP_ET ? 4 : 0;
  const out = Buffer.allocUnsafe(HEADER_LENGTH + extra + body.length);
  out.writeUInt32BE(Math.floor(time / 1_000_000) >>> 0, 0);
  out.writeUInt16BE(type, 4);
  out.writeUInt16BE(subtype, 6);
  out.writeUInt32BE(extra + body.length, 8);
  if (extra > 0) out.writeUInt32BE(Math.floor(time % 1_000_000), HEADER_LENGTH);
  out.set(body, HEADER_LENGTH + extra);
  return out;
}

/** The records of a file that comes in pieces; layout: `encodeRecord`. Throws a BengalError. */
export async function* readRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<MrtRecord> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= HEADER_LENGTH) {
      const length = rest.readUInt32BE(at + 8);
      if (length > MAX_RECORD) {
        throw malformed(`record at octet ${offset + at}: its length is ${length}`);
      }
      const end = at + HEADER_LENGTH + length;
      if (end > rest.length) break;
      yield recordOf(rest.subarray(at, end), offset + at);
      at = end;
    }
    rest = rest.subarray(at);
    offset += at;
  }
  if (rest.length > 0) throw malformed(`the file ends within the record at octet ${offset}`);
}

function recordOf(bytes: Buffer, offset: number): MrtRecord {
  const seconds = bytes.readUInt32BE(0);
  const type = bytes.readUInt16BE(4);
  const subtype = bytes.readUInt16BE(6);
  const body = bytes.subarray(HEADER_LENGTH);
  if (type !== BGP4MP_ET) return { time: seconds * 1_000_000, type, subtype, body };
  if (body.length < 4) throw malformed(`record at octet ${offset}: no microseconds`);
  const time = seconds * 1_000_000 + body.readUInt32BE(0);
  return { time, type, subtype, body: body.subarray(4) };
}
