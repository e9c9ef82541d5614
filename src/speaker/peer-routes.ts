import type { PeerConfig } from '../config/types.ts';
import { parseAddress } from '../net/address.ts';
import { afiOf, type Family, SAFI_UNICAST } from '../net/family.ts';
import type { CrossedLimit, RibPeer, RibPeerSettings, UpdateOutcome } from '../rib/types.ts';
import type { Logger } from '../runtime/logger.ts';
import type { SessionAction } from '../session/action.ts';
import type { SessionEvent } from '../session/event.ts';
import type { Negotiated } from '../session/negotiated.ts';
import type { Slot } from '../session/state.ts';
import type { Remedy } from '../wire/attributes/attribute-row.ts';
import { attributeName } from '../wire/attributes/table.ts';
import { WIRE_REASON_TEXT } from '../wire/reasons.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { PeerLink } from './peer-link.ts';

/** Cease "Maximum Number of Prefixes Reached", RFC 4486 §4. */
const MAX_PREFIXES = 1;

/** What the FSM asks for that concerns nothing but routes. */
export type RouteAction = Extract<
  SessionAction,
  {
    readonly type: 'resend' | 'mark-refresh' | 'sweep-refresh' | 'long-lived-stale' | 'sweep-stale';
  }
>;

/** The routes of one peer: hands UPDATEs to the RIB and its verdicts back to the FSM. */
export class PeerRoutes {
  readonly rib: RibPeer;
  /** What RFC 7606 repaired, by remedy. */
  readonly malformed: Record<Remedy, number> = { default: 0, discard: 0, withdraw: 0 };
  /** Attributes and reasons that the log has shown with the whole UPDATE. */
  readonly #shown = new Set<string>();
  readonly #logger: Logger;
  readonly #addresses: OwnAddresses;
  #link: PeerLink | undefined;

  constructor(rib: RibPeer, logger: Logger, addresses: OwnAddresses) {
    this.rib = rib;
    this.#logger = logger;
    this.#addresses = addresses;
  }

  up(config: PeerConfig, negotiated: Negotiated, link: PeerLink): void {
    const { kind, localAsn, remoteAsn, remoteId, families, receive, send } = negotiated;
    this.#link = link;
    this.rib.up({
      kind,
      localAsn,
      remoteAsn,
      role: negotiated.role,
      remoteId,
      families,
      receive,
      send,
      longLived: negotiated.longLivedGracefulRestart !== undefined,
      enhancedRefresh: negotiated.enhancedRefresh,
      remoteAddress: parseAddress(config.address) ?? new Uint8Array(4),
      interface: config.interface ?? '',
      ownNextHop: this.#addresses.nextHops({
        address: link.connection.local.address,
        interface: config.interface,
        extended: send.extendedNextHop,
      }),
      output: link,
    });
  }

  /** Puts other settings in force; what the FSM must hear of it comes back as events. */
  configure(settings: RibPeerSettings): readonly SessionEvent[] {
    return this.rib.configure(settings).flatMap((limit) => this.#crossed(limit));
  }

  down(keep: readonly Family[]): void {
    this.#link = undefined;
    this.rib.down(keep);
  }

  /** Does what the FSM asks for; a family that is not in use has no routes. */
  perform(action: RouteAction): void {
    switch (action.type) {
      case 'resend':
        this.rib.resend(action.family);
        return;
      case 'mark-refresh':
        this.rib.beginRefresh(action.family);
        return;
      case 'sweep-refresh':
        this.rib.endRefresh(action.family);
        return;
      case 'long-lived-stale':
        this.rib.keepLongLived(action.family);
        return;
      case 'sweep-stale':
        this.rib.sweepStale(action.families);
    }
  }

  /** Takes an UPDATE; what the FSM must hear of it comes back as events. */
  update(bytes: Buffer, start: number, end: number): readonly SessionEvent[] {
    const link = this.#link;
    if (link === undefined) return NOTHING;
    const outcome = this.rib.receiveUpdate(bytes, start, end);
    const { remedies, reset, endOfRib, limit } = outcome;
    if (remedies.length > 0) this.#report(outcome, bytes.subarray(start, end));
    if (reset === undefined && endOfRib === undefined && limit === undefined) return NOTHING;
    return this.#events(outcome, link.slot);
  }

  drained(): void {
    if (this.#link !== undefined) this.rib.drained();
  }

  #events({ reset, endOfRib, limit }: UpdateOutcome, slot: Slot): readonly SessionEvent[] {
    if (reset !== undefined) {
      const { code, subcode, data, message } = reset;
      return [{ type: 'malformed', slot, code, subcode, data, detail: message }];
    }
    const ends = limit === undefined ? NOTHING : this.#crossed(limit);
    if (ends.length > 0) return ends;
    return endOfRib === undefined ? NOTHING : [{ type: 'end-of-rib', family: endOfRib }];
  }

  #crossed(limit: CrossedLimit): readonly SessionEvent[] {
    this.#logger.warn({ ...limit }, 'prefix limit reached');
    return limit.action === 'restart' ? [prefixLimitCease(limit)] : NOTHING;
  }

  /** Counts every repair; the log holds the whole UPDATE once for each attribute (RFC 7606 §6). */
  #report({ remedies }: UpdateOutcome, message: Buffer): void {
    for (const { type, remedy, reason } of remedies) {
      this.malformed[remedy]++;
      const key = `${type} ${reason}`;
      if (this.#shown.has(key)) continue;
      this.#shown.add(key);
      this.#logger.warn(
        {
          attribute: attributeName(type),
          remedy,
          reason: WIRE_REASON_TEXT[reason],
          update: message.toString('hex'),
        },
        'malformed attribute repaired',
      );
    }
  }
}

const NOTHING: readonly SessionEvent[] = [];

/** The data names the family and the limit: AFI (2 octets), SAFI (1), limit (4), RFC 4486 §4. */
function prefixLimitCease({ family, max, restartAfter }: CrossedLimit): SessionEvent {
  const data = Buffer.alloc(7);
  data.writeUInt16BE(afiOf(family), 0);
  data.writeUInt8(SAFI_UNICAST, 2);
  data.writeUInt32BE(max, 3);
  const retry = restartAfter === undefined ? 'after-idle-hold' : { after: restartAfter };
  return { type: 'cease', subcode: MAX_PREFIXES, data, retry };
}
