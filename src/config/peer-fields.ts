import { FAMILIES } from '../net/family.ts';
import { BFD } from './bfd-fields.ts';
import {
  HOT,
  IDENTITY,
  REFRESH_BOTH,
  REFRESH_EXPORT,
  REFRESH_IMPORT,
  RESET,
  SHUTDOWN,
} from './change.ts';
import { type Fields, objectOf } from './fields.ts';
import {
  ADDRESS,
  ASN,
  INTERFACE,
  NAME,
  PEER_ADDRESS,
  PORT,
  PREFIX,
  SECONDS,
  SHUTDOWN_TEXT,
} from './formats.ts';
import { BOOLEAN, choice, integer, type Kind, listOf, orBoolean } from './kind.ts';
import { PASSWORD } from './password.ts';
import { checkDynamicPeer, checkPeer, checkPrefixLimit } from './peer-checks.ts';
import type { DynamicPeerConfig, PeerConfig, SessionConfig, Verdict } from './types.ts';

type GracefulRestart = NonNullable<SessionConfig['gracefulRestart']>;
type LongLived = NonNullable<SessionConfig['longLivedGracefulRestart']>;
type PrefixLimit = NonNullable<SessionConfig['prefixLimit']>;

const DEFAULT_RESTART_TIME = 120;
const DEFAULT_GRACEFUL_RESTART: GracefulRestart = {
  restartTime: DEFAULT_RESTART_TIME,
  notification: true,
};
const DEFAULT_DYNAMIC_PEERS = 1000;

const seconds = (absent: number) =>
  ({ kind: SECONDS, about: 'Seconds.', change: HOT, absent: () => absent }) as const;

const ERROR_WAIT_FIELDS: Fields<SessionConfig['errorWait']> = {
  min: seconds(5),
  max: seconds(30),
};

const GRACEFUL_RESTART_FIELDS: Fields<GracefulRestart> = {
  restartTime: {
    kind: integer(0, 4095),
    about: 'Seconds, RFC 4724 §3.',
    change: RESET,
    absent: () => DEFAULT_RESTART_TIME,
  },
  notification: {
    kind: BOOLEAN,
    about: 'Keep routes after a NOTIFICATION too, where the peer does, RFC 8538.',
    change: RESET,
    absent: () => true,
  },
};

const LONG_LIVED_FIELDS: Fields<LongLived> = {
  staleTime: {
    kind: integer(1, 0xffffff),
    about: 'Seconds beyond the restart time: announced, and the most that is kept.',
    change: RESET,
    absent: 'required',
  },
};

const flag = { kind: BOOLEAN, about: 'RFC 7911.', change: RESET, absent: () => false } as const;

const ADD_PATH_FIELDS: Fields<SessionConfig['addPath']> = { send: flag, receive: flag };

const PREFIX_LIMIT_FIELDS: Fields<PrefixLimit> = {
  max: { kind: integer(1, 0xffffffff), about: 'Prefixes.', change: HOT, absent: 'required' },
  action: {
    kind: choice('warn', 'block', 'restart'),
    about: 'What happens beyond max.',
    change: HOT,
    absent: () => 'warn',
  },
  restartAfter: {
    kind: integer(1, 1_000_000),
    about: 'Seconds before a session ended by restart may come back; absent: as errorWait.',
    change: HOT,
    absent: () => undefined,
  },
};

/** `accept` and `reject` stand for no name at all with that end. */
const POLICY_NAMES: Kind<readonly string[]> = {
  ...listOf(NAME),
  read: (value, place) =>
    value === 'accept' || value === 'reject' ? [] : listOf(NAME).read(value, place),
  schema: { anyOf: [{ enum: ['accept', 'reject'] }, listOf(NAME).schema] },
};

const VERDICT: Kind<Verdict> = choice('accept', 'reject');

type Own = Partial<SessionConfig>;

const isInternal = (own: Own, asn: number | undefined): boolean =>
  own.asn === (own.localAsn ?? asn);

/** RFC 8212: nothing in, nothing out of an eBGP session unless a policy says so. */
const endVerdict =
  (policy: 'importPolicy' | 'exportPolicy') =>
  (own: Own, asn: number | undefined, written: Readonly<Record<string, unknown>>): Verdict => {
    const short = written[policy];
    if (short === 'accept' || short === 'reject') return short;
    return isInternal(own, asn) ? 'accept' : 'reject';
  };

const SESSION_FIELDS: Fields<SessionConfig> = {
  asn: { kind: ASN, about: 'AS number of the peer.', change: IDENTITY, absent: 'required' },
  port: { kind: PORT, about: 'TCP port to dial.', change: RESET, absent: () => 179 },
  interface: {
    kind: INTERFACE,
    about: 'For link-local addresses.',
    change: RESET,
    absent: () => undefined,
  },
  localAddress: {
    kind: ADDRESS,
    about: 'Own address; absent: chosen by the kernel.',
    change: RESET,
    absent: () => undefined,
  },
  localAsn: {
    kind: ASN,
    about: 'Own AS number towards this peer; absent: the speaker’s.',
    change: RESET,
    absent: (_, asn) => asn ?? 0,
  },
  allowOwnAs: {
    kind: integer(0, 255),
    about: 'How often the own AS may stand in a received AS_PATH.',
    change: REFRESH_IMPORT,
    absent: () => 0,
  },
  reflectorClient: {
    kind: BOOLEAN,
    about: 'Client of this route reflector, RFC 4456.',
    change: REFRESH_BOTH,
    absent: () => false,
  },
  routeServerClient: {
    kind: BOOLEAN,
    about: 'Client of this route server, RFC 7947: AS_PATH, next hop and MED go on as they came.',
    change: REFRESH_EXPORT,
    absent: () => false,
  },
  role: {
    kind: choice('provider', 'rs', 'rs-client', 'customer', 'peer'),
    about: 'What we are to an external peer, RFC 9234; absent: not told.',
    change: RESET,
    absent: () => undefined,
  },
  roleRequired: {
    kind: BOOLEAN,
    about: 'No session with a peer that tells no role (RFC 9234 strict mode).',
    change: RESET,
    absent: () => false,
  },
  families: {
    kind: listOf(choice(...FAMILIES)),
    about: 'Families to negotiate; absent: both.',
    change: RESET,
    absent: () => FAMILIES,
  },
  holdTime: {
    kind: SECONDS,
    about: 'Proposed hold time in seconds; 0 turns keepalives off.',
    change: RESET,
    absent: () => 90,
  },
  keepaliveTime: {
    kind: integer(1, 65535),
    about: 'Seconds; absent: a third of the negotiated hold time.',
    change: HOT,
    absent: () => undefined,
  },
  sendHoldTime: {
    kind: SECONDS,
    about: 'RFC 9687: seconds without output taken; absent: 480 or twice the hold time; 0: off.',
    change: HOT,
    absent: () => undefined,
  },
  connectRetryTime: {
    kind: integer(1, 65535),
    about: 'Seconds.',
    change: HOT,
    absent: () => 5,
  },
  errorWait: {
    kind: objectOf(ERROR_WAIT_FIELDS),
    about: 'Wait after an error, doubling from min to max seconds.',
    change: HOT,
    absent: () => ({ min: 5, max: 30 }),
  },
  password: {
    kind: PASSWORD,
    about: 'TCP-MD5 key, RFC 2385.',
    change: RESET,
    absent: () => undefined,
  },
  ttlSecurity: {
    kind: integer(1, 255),
    about: 'RFC 5082: accept from at most this many hops; excludes multihop.',
    change: RESET,
    absent: () => undefined,
  },
  multihop: {
    kind: integer(1, 255),
    about: 'TTL of the session; absent: iBGP 255, eBGP 1.',
    change: RESET,
    absent: (own, asn) => (isInternal(own, asn) ? 255 : 1),
  },
  nextHop: {
    kind: choice('auto', 'self', 'keep'),
    about: 'Next hop of announced routes.',
    change: REFRESH_EXPORT,
    absent: () => 'auto',
  },
  addPath: {
    kind: orBoolean<SessionConfig['addPath']>(
      objectOf(ADD_PATH_FIELDS),
      () => ({ send: true, receive: true }),
      { send: false, receive: false },
    ),
    about: 'RFC 7911; true for both directions.',
    change: RESET,
    absent: () => ({ send: false, receive: false }),
  },
  extendedMessages: {
    kind: BOOLEAN,
    about: 'Messages of up to 65,535 octets, RFC 8654.',
    change: RESET,
    absent: () => true,
  },
  extendedNextHop: {
    kind: BOOLEAN,
    about: 'IPv4 routes with IPv6 next hops, RFC 8950; absent: on with an interface.',
    change: RESET,
    absent: ({ interface: link }) => link !== undefined,
  },
  gracefulRestart: {
    kind: orBoolean<SessionConfig['gracefulRestart']>(
      objectOf(GRACEFUL_RESTART_FIELDS),
      () => DEFAULT_GRACEFUL_RESTART,
      undefined,
    ),
    about: 'RFC 4724; on unless false.',
    change: RESET,
    absent: () => DEFAULT_GRACEFUL_RESTART,
  },
  longLivedGracefulRestart: {
    kind: objectOf(LONG_LIVED_FIELDS),
    about: 'RFC 9494; absent: such routes of others are understood, none are kept.',
    change: RESET,
    absent: () => undefined,
  },
  longLivedPartialDeployment: {
    kind: BOOLEAN,
    about: 'Long-lived stale routes to an internal peer that does not know them, RFC 9494 §4.6.',
    change: REFRESH_EXPORT,
    absent: () => false,
  },
  bfd: {
    kind: BFD,
    about: 'RFC 5880: true, or intervals in milliseconds; absent: none.',
    change: HOT,
    absent: () => undefined,
  },
  prefixLimit: {
    kind: objectOf(PREFIX_LIMIT_FIELDS, checkPrefixLimit),
    about: 'Most prefixes to take from the peer.',
    change: HOT,
    absent: () => undefined,
  },
  gracefulShutdown: {
    kind: BOOLEAN,
    about: 'LOCAL_PREF 0 for GRACEFUL_SHUTDOWN routes, RFC 8326; absent: eBGP true, iBGP false.',
    change: REFRESH_IMPORT,
    absent: (own, asn) => !isInternal(own, asn),
  },
  asSet: {
    kind: choice('withdraw', 'accept'),
    about: 'Routes with AS_SET, RFC 9774; absent: iBGP accept, eBGP withdraw.',
    change: REFRESH_IMPORT,
    absent: (own, asn) => (isInternal(own, asn) ? 'accept' : 'withdraw'),
  },
  importPolicy: {
    kind: POLICY_NAMES,
    about: 'accept, reject or policy names in order; absent: iBGP accept, eBGP reject (RFC 8212).',
    change: REFRESH_IMPORT,
    absent: () => [],
  },
  exportPolicy: {
    kind: POLICY_NAMES,
    about: 'accept, reject or policy names in order; absent: iBGP accept, eBGP reject (RFC 8212).',
    change: REFRESH_EXPORT,
    absent: () => [],
  },
  importEnd: {
    kind: VERDICT,
    about: 'After the last import policy; absent: iBGP accept, eBGP reject.',
    change: REFRESH_IMPORT,
    absent: endVerdict('importPolicy'),
  },
  exportEnd: {
    kind: VERDICT,
    about: 'After the last export policy; absent: iBGP accept, eBGP reject.',
    change: REFRESH_EXPORT,
    absent: endVerdict('exportPolicy'),
  },
};

export const PEER_FIELDS: Fields<PeerConfig> = {
  name: { kind: NAME, about: 'Unique name.', change: IDENTITY, absent: 'required' },
  address: { kind: PEER_ADDRESS, about: 'Address.', change: IDENTITY, absent: 'required' },
  passive: { kind: BOOLEAN, about: 'Never dial.', change: HOT, absent: () => false },
  shutdown: {
    kind: orBoolean<PeerConfig['shutdown']>(SHUTDOWN_TEXT, () => '', undefined),
    about: 'Keeps the peer down: true, or what it is told of why (RFC 9003).',
    change: SHUTDOWN,
    absent: () => undefined,
  },
  ...(SESSION_FIELDS as Omit<Fields<PeerConfig>, 'name' | 'address' | 'passive' | 'shutdown'>),
};

export const DYNAMIC_PEER_FIELDS: Fields<DynamicPeerConfig> = {
  range: { kind: PREFIX, about: 'Addresses that may dial.', change: IDENTITY, absent: 'required' },
  max: {
    kind: integer(1, 1_000_000),
    about: 'Most sessions at once.',
    change: HOT,
    absent: () => DEFAULT_DYNAMIC_PEERS,
  },
  ...(SESSION_FIELDS as Omit<Fields<DynamicPeerConfig>, 'range' | 'max'>),
};

/** The written form has one of ttlSecurity and multihop. */
function oneTtl<T extends SessionConfig>(kind: Kind<T>): Kind<T> {
  return {
    ...kind,
    print: (session, options) => {
      const printed = kind.print(session, options) as Readonly<Record<string, unknown>>;
      const { multihop: _, ...others } = printed;
      return session.ttlSecurity === undefined ? printed : others;
    },
  };
}

export const PEER: Kind<PeerConfig> = oneTtl(objectOf(PEER_FIELDS, checkPeer));
export const DYNAMIC_PEER: Kind<DynamicPeerConfig> = oneTtl(
  objectOf(DYNAMIC_PEER_FIELDS, checkDynamicPeer),
);
