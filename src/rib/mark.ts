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

const END_OF_RIB_LENGTH = UPDATE_OVERHEAD + MP_UNREACH_OVERHEAD;

export function encodeMark(family: Family, mark: Mark): Buffer {
  switch (mark) {
    case 'end-of-rib':
      return encodeEndOfRib(family);
    case 'begin-refresh':
      return encodeRouteRefresh(afiOf(family), SAFI_UNICAST, REFRESH_BEGIN);
    case 'end-refresh':
      return encodeRouteRefresh(afiOf(family), SAFI_UNICAST, REFRESH_END);
  }
}

function encodeEndOfRib(family: Family): Buffer {
  const out = Buffer.allocUnsafe(END_OF_RIB_LENGTH);
  const attributes = startAttributes(out, 0, startUpdate(out, 0));
  let at = attributes;
  if (family !== 'ipv4-unicast') {
    at = startMpUnreach(out, at, afiOf(family));
    endMpAttribute(out, attributes, at);
  }
  endAttributes(out, attributes, at);
  return out.subarray(0, endMessage(out, 0, at));
}
