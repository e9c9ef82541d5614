import { formatIpv4Number } from '../net/address.ts';
import { afiOf, type Family, SAFI_UNICAST } from '../net/family.ts';
import { type BgpRole, ROLES } from '../wire/capabilities/role.ts';
import { MAX_EXTENDED_MESSAGE, MAX_MESSAGE } from '../wire/message.ts';
import type { OpenMessage } from '../wire/open.ts';
import type { Negotiated, PeerGracefulRestart } from './negotiated.ts';
import { type Offer, offerOf } from './offer.ts';
import type { SessionSettings } from './settings.ts';

/** A NOTIFICATION that refuses an OPEN, and why in words. */
export interface Rejection {
  readonly type: 'rejected';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  readonly detail: string;
}

export type Negotiation = { readonly type: 'agreed'; readonly negotiated: Negotiated } | Rejection;

/** RFC 9687 §6, seconds. */
const MIN_SEND_HOLD_TIME = 480;

const OPEN_MESSAGE_ERROR = 2;
const NO_DATA: Uint8Array = new Uint8Array(0);

/** What our OPEN and the peer's agree upon, RFC 4271 §6.2 and the capabilities of both. */
export function negotiate(
  settings: SessionSettings,
  sent: OpenMessage,
  received: OpenMessage,
): Negotiation {
  const ours = offerOf(sent);
  const theirs = offerOf(received);
  const rejection =
    rejectFields(settings, received, theirs) ??
    rejectFamilies(ours.families, theirs.families) ??
    rejectRole(settings, theirs);
  if (rejection !== undefined) return rejection;
  return { type: 'agreed', negotiated: agree(settings, received, ours, theirs) };
}

function rejectFields(
  { routerId, localAsn, remoteAsn, minHoldTime }: SessionSettings,
  { version, bgpId, holdTime }: OpenMessage,
  { asn }: Offer,
): Rejection | undefined {
  if (version !== 4) return reject(1, `version ${version}, not 4`, Uint8Array.of(0, 4));
  if (asn !== remoteAsn) return reject(2, `AS ${asn}, not ${remoteAsn}`);
  if (bgpId === 0) return reject(3, 'router id 0.0.0.0');
  if (bgpId === routerId && localAsn === remoteAsn) {
    return reject(3, `router id ${formatIpv4Number(bgpId)} is our own`);
  }
  const least = Math.max(3, minHoldTime);
  if (holdTime !== 0 && holdTime < least)
    return reject(6, `hold time ${holdTime} s, below ${least} s`);
  return undefined;
}

/** Data: the capabilities that were missing, any of which would do (RFC 5492 §5). */
function rejectFamilies(ours: readonly Family[], theirs: readonly Family[]): Rejection | undefined {
  if (ours.some((family) => theirs.includes(family))) return undefined;
  const capabilities = ours.flatMap((family) => [1, 4, 0, afiOf(family), 0, SAFI_UNICAST]);
  return reject(7, `no common family: ${ours.join(', ')} wanted`, Uint8Array.from(capabilities));
}

/** The role that the peer must have beside each of ours, RFC 9234 §4.2. */
const COUNTERPART: Readonly<Record<BgpRole, BgpRole>> = {
  provider: 'customer',
  customer: 'provider',
  rs: 'rs-client',
  'rs-client': 'rs',
  peer: 'peer',
};

const roleOf = ({ roles }: Offer): BgpRole | undefined => ROLES[roles[0] ?? ROLES.length];

function rejectRole({ role, roleRequired }: SessionSettings, theirs: Offer): Rejection | undefined {
  if (role === undefined) return undefined;
  const [code, ...others] = theirs.roles;
  if (code === undefined) return roleRequired ? reject(11, 'the peer tells no role') : undefined;
  if (others.length > 0) return reject(11, 'the peer tells several roles');
  const theirRole = roleOf(theirs) ?? `unknown (${code})`;
  if (theirRole === COUNTERPART[role]) return undefined;
  return reject(11, `the peer is ${theirRole}, not ${COUNTERPART[role]} to our ${role}`);
}

const reject = (subcode: number, detail: string, data: Uint8Array = NO_DATA): Rejection => ({
  type: 'rejected',
  code: OPEN_MESSAGE_ERROR,
  subcode,
  data,
  detail,
});

function agree(
  settings: SessionSettings,
  received: OpenMessage,
  ours: Offer,
  theirs: Offer,
): Negotiated {
  const families = common(ours.families, theirs.families);
  const holdTime = Math.min(settings.holdTime, received.holdTime);
  const gracefulRestart = reduced(ours.gracefulRestart, theirs.gracefulRestart, families);
  const as4 = ours.as4 && theirs.as4;
  const kind = settings.localAsn === theirs.asn ? 'ibgp' : 'ebgp';
  const extendedNextHop = ours.extendedNextHop && theirs.extendedNextHop;
  return {
    kind,
    localAsn: settings.localAsn,
    remoteAsn: theirs.asn,
    remoteId: received.bgpId,
    holdTime,
    keepaliveTime: keepaliveTimeOf(settings, holdTime),
    sendHoldTime: sendHoldTimeOf(settings, holdTime),
    families,
    refresh: theirs.refresh,
    enhancedRefresh: ours.enhancedRefresh && theirs.enhancedRefresh,
    gracefulRestart,
    longLivedGracefulRestart: theirs.longLivedGracefulRestart?.filter(({ family }) =>
      families.includes(family),
    ),
    role: settings.role,
    remoteRole: roleOf(theirs),
    remoteHostName: theirs.hostName,
    remoteSoftware: theirs.software,
    // RFC 8654 §4: each direction by what its receiver said. Every UPDATE reads these: not spread,
    // because V8 gives objects that are spread hidden classes of their own.
    receive: {
      as4,
      kind,
      families,
      extendedNextHop,
      addPath: common(families, common(ours.addPathReceive, theirs.addPathSend)),
      maxMessage: ours.extendedMessages ? MAX_EXTENDED_MESSAGE : MAX_MESSAGE,
    },
    send: {
      as4,
      kind,
      families,
      extendedNextHop,
      addPath: common(families, common(ours.addPathSend, theirs.addPathReceive)),
      maxMessage: theirs.extendedMessages ? MAX_EXTENDED_MESSAGE : MAX_MESSAGE,
    },
  };
}

/** A third of the hold time, or a configured value scaled with it; at least a second (RFC 4271 §4.4). */
function keepaliveTimeOf({ keepaliveTime, holdTime }: SessionSettings, negotiated: number): number {
  if (negotiated === 0) return 0;
  const third = negotiated / 3;
  const wanted = keepaliveTime === undefined ? third : (keepaliveTime * negotiated) / holdTime;
  return Math.max(1, Math.floor(Math.min(wanted, third)));
}

/** A setting that does not exceed the hold time is not used (RFC 9687 §3.1). */
function sendHoldTimeOf({ sendHoldTime }: SessionSettings, holdTime: number): number {
  if (holdTime === 0 || sendHoldTime === 0) return 0;
  if (sendHoldTime !== undefined && sendHoldTime > holdTime) return sendHoldTime;
  return Math.max(MIN_SEND_HOLD_TIME, 2 * holdTime);
}

function reduced(
  ours: PeerGracefulRestart | undefined,
  theirs: PeerGracefulRestart | undefined,
  families: readonly Family[],
): PeerGracefulRestart | undefined {
  if (ours === undefined || theirs === undefined) return undefined;
  return {
    ...theirs,
    notification: ours.notification && theirs.notification,
    families: common(families, theirs.families),
    forwarding: common(families, theirs.forwarding),
  };
}

const common = (ours: readonly Family[], theirs: readonly Family[]): readonly Family[] =>
  ours.filter((family) => theirs.includes(family));
