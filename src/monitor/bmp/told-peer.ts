import { parseAddress } from '../../net/address.ts';
import type { Negotiated } from '../../session/negotiated.ts';
import type { NotificationRecord } from '../../session/state.ts';
import type { Peer } from '../../speaker/peer.ts';
import { encodeNotification } from '../../wire/notification.ts';
import { encodeOpen } from '../../wire/open.ts';
import type { BmpPeer, PeerDownReason, PeerUp } from './message.ts';

const NO_ADDRESS = new Uint8Array(4);

/** A session that a collector was told of. */
export interface ToldPeer {
  readonly peer: Peer;
  /** The session by identity: another one has another object. */
  readonly session: Negotiated;
  readonly who: BmpPeer;
  readonly up: PeerUp;
  /** The last NOTIFICATION when it came up: another one later ended it. */
  readonly notification: NotificationRecord | undefined;
  /** End-of-RIB is still to be sent. */
  endOfRibDue: boolean;
}

/** What to tell of an established session; undefined when it is not. */
export function established(peer: Peer): ToldPeer | undefined {
  const { negotiated, opens, config, link, state } = peer;
  const { sent, received } = opens;
  if (negotiated === undefined || sent === undefined || received === undefined) return undefined;
  const local = link?.connection.local;
  return {
    peer,
    session: negotiated,
    who: {
      address: parseAddress(config.address) ?? NO_ADDRESS,
      asn: negotiated.remoteAsn,
      bgpId: negotiated.remoteId,
    },
    up: {
      localAddress: parseAddress(local?.address ?? '') ?? NO_ADDRESS,
      localPort: local?.port ?? 0,
      remotePort: link?.connection.remote.port ?? 0,
      sentOpen: encodeOpen(sent),
      receivedOpen: encodeOpen(received),
    },
    notification: state.lastNotification,
    endOfRibDue: true,
  };
}

/** Why a session that was told of is over. */
export function endOf({ peer, notification }: ToldPeer, configured: boolean): PeerDownReason {
  if (!configured) return { type: 'deconfigured' };
  const { lastNotification } = peer.state;
  if (lastNotification === undefined || lastNotification === notification) {
    return { type: 'remote-closed' };
  }
  const { direction, code, subcode, data } = lastNotification;
  const message = encodeNotification(code, subcode, data);
  const type = direction === 'sent' ? 'local-notification' : 'remote-notification';
  return { type, message };
}
