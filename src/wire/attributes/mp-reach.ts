import { isLinkLocal } from '../../net/address.ts';
import { familyOf } from '../../net/family.ts';
import type { CodecContext } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { AttributeDraft } from './attribute-row.ts';

/**
 * The next hop of MP_REACH_NLRI (layout: `update-scan.ts`), which the scan has checked. Of 32
 * octets the second half counts only if it is link-local; where the first half is `::`, the
 * link-local address is all there is.
 */
export function decodeMpReach(
  value: Reader,
  draft: AttributeDraft,
  context: CodecContext,
): undefined {
  const family = familyOf(value.u16(), value.u8());
  if (family === undefined || !context.families.includes(family)) return;
  const length = value.u8();
  const nextHop = value.bytes(length);
  if (length !== 32) {
    draft.mpNextHop = nextHop;
    return;
  }
  const global = nextHop.subarray(0, 16);
  const second = nextHop.subarray(16);
  const linkLocal = isLinkLocal(second) ? second : undefined;
  draft.mpLinkLocalNextHop = linkLocal;
  draft.mpNextHop = linkLocal && global.every((octet) => octet === 0) ? linkLocal : global;
}
