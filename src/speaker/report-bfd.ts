import { diagnosticText } from '../bfd/diagnostic.ts';
import { BFD_REASONS } from '../bfd/reason.ts';
import type { SessionState } from '../bfd/session-state.ts';
import type { PeerBfd } from './bfd-links.ts';
import { iso } from './iso.ts';
import type { BfdPeerStatus, BfdState } from './peer-status.ts';

const STATE_NAMES: Readonly<Record<SessionState, BfdState>> = {
  'admin-down': 'AdminDown',
  down: 'Down',
  init: 'Init',
  up: 'Up',
};

/** BFD of a peer, in the words of RFC 5880. */
export function reportBfd(bfd: PeerBfd): BfdPeerStatus {
  const { state, reason, fault, remoteState, transmitInterval, detectionTime } = bfd;
  return {
    state: STATE_NAMES[state],
    reason: fault ?? BFD_REASONS[reason][1],
    since: iso(bfd.since),
    hops: bfd.multihop ? 'multiple' : 'single',
    ...(remoteState !== undefined && {
      remoteState: STATE_NAMES[remoteState],
      remoteDiagnostic: diagnosticText(bfd.remoteDiagnostic),
    }),
    ...(transmitInterval !== undefined && { transmitInterval }),
    ...(detectionTime !== undefined && { detectionTime }),
    failures: bfd.failures,
    packets: { sent: bfd.sent, received: bfd.received },
  };
}
