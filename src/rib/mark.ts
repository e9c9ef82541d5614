import { afiOf, type Family, SAFI_UNICAST } from '../net/family.ts';
import { endMessage } from '../wire/header.ts';
import { encodeRouteRefresh, REFRESH_BEGIN, REFRESH_END } from '../wire/route-refresh.ts';
import {
  endAttributes,
  endMpAttribute,
  MP_UNREACH_OVERHEAD,
  startAttributes,
  startMpUnreach,
  startUpdate,
  UPDATE_OVERHEAD,
} from '../wire/update-writer.ts';

/** A message that says where the stream of a family stands: RFC 4724 §2, RFC 7313 §4. */
export type Mark = 'end-of-rib' | 'begin-refresh' | 'end-refresh';

/** Octets of any mark. */
export const MARK_LENGTH: number = UPDATE_OVERHEAD + MP_UNREACH_OVERHEAD;

/** Writes a mark at `start`; returns where it ends. */
export function writeMark(out: Buffer, start: number, family: Family, mark: Mark): number {
  switch (mark) {
    case 'end-of-rib':
      return writeEndOfRib(out, start, family);
    case 'begin-refresh':
      return writeRefresh(out, start, family, REFRESH_BEGIN);
    case 'end-refresh':
      return writeRefresh(out, start, family, REFRESH_END);
  }
}

function writeEndOfRib(out: Buffer, start: number, family: Family): number {
  const attributes = startAttributes(out, start, startUpdate(out, start));
  let at = attributes;
  if (family !== 'ipv4-unicast') {
    at = startMpUnreach(out, at, afiOf(family));
    endMpAttribute(out, attributes, at);
  }
  endAttributes(out, attributes, at);
  return endMessage(out, start, at);
}

function writeRefresh(out: Buffer, start: number, family: Family, subtype: number): number {
  const message = encodeRouteRefresh(afiOf(family), SAFI_UNICAST, subtype);
  out.set(message, start);
  return start + message.length;
}
