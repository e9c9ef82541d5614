import { familyOf } from '../../net/family.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';

/*
 * Attributes whose shape is checked, because their RFC says what a malformed one leads to, and
 * which otherwise travel on like unknown ones.
 */

const PMSI_HEADER = 5;
const LABEL_INDEX = 1;
const LABEL_INDEX_LENGTH = 7;
const TLV_HEADER = 3;

/**
 * PMSI_TUNNEL, RFC 6514 §5.
 *
 *   flags, tunnel type  1 octet each
 *   label               3 octets
 *   tunnel identifier   the rest
 */
export function checkPmsiTunnel(value: Reader): WireReason | undefined {
  return value.remaining < PMSI_HEADER ? 'bad-length' : undefined;
}

/** AIGP, RFC 7311 §3.2: discarded wherever it is not enabled, and bengal never enables it. */
export function refuseAigp(): WireReason {
  return 'not-enabled';
}

/**
 * Next hop dependent characteristics (draft-ietf-idr-entropy-label).
 *
 *   AFI, SAFI  2 octets and 1
 *   next hop   length (1 octet) and address
 *   TLVs       the rest
 */
export function checkNextHopCharacteristics(value: Reader): WireReason | undefined {
  if (value.remaining < 4) return 'bad-length';
  if (familyOf(value.u16(), value.u8()) === undefined) return 'bad-value';
  return value.u8() > value.remaining ? 'bad-length' : undefined;
}

/**
 * BGP Prefix-SID, RFC 8669 §3 and §6.
 *
 *   TLVs, each:
 *     type    1 octet   1 label index (7 octets)
 *     length  2 octets
 *     value
 */
export function checkPrefixSid(value: Reader): WireReason | undefined {
  if (value.remaining === 0) return 'bad-length';
  while (value.remaining > 0) {
    if (value.remaining < TLV_HEADER) return 'bad-length';
    const type = value.u8();
    const length = value.u16();
    if (length > value.remaining) return 'bad-length';
    if (type === LABEL_INDEX && length !== LABEL_INDEX_LENGTH) return 'bad-length';
    value.sub(length);
  }
  return undefined;
}
