import type { Family } from '../net/family.ts';
import type { FamilyTable } from './family-table.ts';
import type { Member } from './member.ts';
import { HELD, HELD_REASONS, POLICY_REASON, type Reason } from './reasons.ts';
import type { PeerTable, Seat } from './rib-peer.ts';
import type { RibState } from './rib-state.ts';
import { LOCAL } from './source.ts';
import type { PathInfo } from './types.ts';
import type { UpdateGroup } from './update-group.ts';

const SENT: Reason = { name: 'sent', text: 'sent to the peer' };
const UNKNOWN: Reason = { name: 'unknown', text: 'no reason is known' };

/** What a peer has been sent of a prefix; with `filtered`, what is kept from it and why. */
export function* sentRoutes(
  state: RibState,
  peer: PeerTable | undefined,
  family: Family,
  prefix: number,
  filtered: boolean,
): Generator<PathInfo> {
  const seat = peer?.seat(family);
  if (seat === undefined) return;
  if (filtered) {
    yield* withheld(state, seat, family, prefix);
    return;
  }
  const { routes } = seat.group;
  for (const { slot, out } of routes.sentTo(seat.member, prefix)) {
    const source = state.sources.get(routes.outs.sources[out] as number);
    yield {
      prefix: state.families[family].prefixes.prefix(prefix),
      family,
      source: 'bgp',
      peer: source.id === LOCAL ? undefined : source.name,
      pathId: slot === 0 ? undefined : slot,
      state: 'best',
      reason: SENT.name,
      reasonText: SENT.text,
      stale: false,
      attributes: routes.attributes(out),
      local: undefined,
      reached: undefined,
      preference: 0,
      since: 0,
    };
  }
}

function* withheld(
  state: RibState,
  { group, member }: Seat,
  family: Family,
  prefix: number,
): Generator<PathInfo> {
  const table = state.families[family];
  const { paths, prefixes } = table;
  const head = prefixes.heads[prefix] as number;
  for (let row = head; row !== 0; row = paths.next[row] as number) {
    const reason = reasonFor(state, group, member, table, row);
    if (reason === undefined) continue;
    const source = state.sources.get(paths.sources[row] as number);
    const record = paths.effective[row] as number;
    const local = source.id === LOCAL ? state.records.local(record) : undefined;
    yield {
      prefix: prefixes.prefix(prefix),
      family,
      source: local?.source ?? 'bgp',
      peer: source.id === LOCAL ? undefined : source.name,
      pathId: undefined,
      state: 'rejected',
      reason: reason.name,
      reasonText: reason.text,
      stale: false,
      attributes: source.id === LOCAL ? undefined : state.records.attributes(record),
      local,
      reached: undefined,
      preference: table.decision.preference(row),
      since: state.wallTimeOf(paths.times[row] as number),
    };
  }
}

/** Why a member is not sent a path; undefined when it is. */
function reasonFor(
  state: RibState,
  { routes, profile }: UpdateGroup,
  member: Member,
  table: FamilyTable,
  row: number,
): Reason | undefined {
  if (state.deferred) return HELD_REASONS[HELD.deferred];
  if (!table.decision.eligible(row)) return HELD_REASONS[HELD['not-eligible']];
  const prefix = table.paths.prefixes[row] as number;
  if (!profile.addPath && table.prefixes.heads[prefix] !== row) {
    return HELD_REASONS[HELD['not-best']];
  }
  routes.begin();
  const out = routes.rules.judge(row, prefix);
  const code = routes.rules.reason;
  const kept = out !== 0 && routes.exceptOf(out).includes(member.id);
  if (out !== 0) routes.outs.discard(out);
  routes.begin();
  if (code >= POLICY_REASON) return profile.exportPolicy.reason(code - POLICY_REASON) ?? UNKNOWN;
  if (code !== 0) return HELD_REASONS[code] ?? UNKNOWN;
  if (!kept) return undefined;
  const own = table.paths.sources[row] === member.id;
  return HELD_REASONS[own ? HELD['own-route'] : HELD['next-hop-is-receiver']];
}
