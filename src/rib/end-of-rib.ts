import { afiOf, type Family } from '../net/family.ts';
import { endMessage } from '../wire/header.ts';
import {
  endAttributes,
  endMpAttribute,
  MP_UNREACH_OVERHEAD,
  startAttributes,
  startMpUnreach,
  startUpdate,
  UPDATE_OVERHEAD,
} from '../wire/update-writer.ts';

/** Octets of any End-of-RIB. */
export const END_OF_RIB_LENGTH: number = UPDATE_OVERHEAD + MP_UNREACH_OVERHEAD;

/** Writes the End-of-RIB of a family (RFC 4724 §2) at `start`; returns where it ends. */
export function writeEndOfRib(out: Buffer, start: number, family: Family): number {
  const attributes = startAttributes(out, start, startUpdate(out, start));
  let at = attributes;
  if (family !== 'ipv4-unicast') {
    at = startMpUnreach(out, at, afiOf(family));
    endMpAttribute(out, attributes, at);
  }
  endAttributes(out, attributes, at);
  return endMessage(out, start, at);
}
