import type { Mark } from './mark.ts';
import type { Member } from './member.ts';

/**
 * The mark that is due to a member that has been told everything else, taken as served. End-of-RIB
 * stands behind everything that was to be sent when the table was last still, and before any BoRR
 * (RFC 7313 §4).
 */
export function takeDueMark(member: Member, isStill: boolean): Mark | undefined {
  if (member.endOfRibDue) {
    if (!isStill) return undefined;
    member.endOfRibDue = false;
    member.endOfRibSent = true;
    return 'end-of-rib';
  }
  if (member.refresh === 'asked') {
    member.refresh = 'begun';
    return 'begin-refresh';
  }
  if (member.refresh === undefined) return undefined;
  member.refresh = undefined;
  return 'end-refresh';
}
