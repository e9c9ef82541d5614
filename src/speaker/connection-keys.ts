import type { ConfigChange } from '../config/diff.ts';
import type {
  DynamicPeerConfig,
  PeerConfig,
  SessionConfig,
  SpeakerConfig,
} from '../config/types.ts';
import { formatPrefix, parsePrefix } from '../net/prefix.ts';
import { passwordFor } from '../transport/peer-key.ts';
import { KEY_REASONS } from '../transport/reasons.ts';
import type { ConnectionOptions, KeyFault, PeerKey, Transport } from '../transport/transport.ts';
import type { HeldPeer } from './speaker.ts';

/** What a configured session asks of its connections. */
export function connectionOptions(config: SessionConfig): ConnectionOptions {
  const { multihop, ttlSecurity } = config;
  return { ttl: multihop, ttlSecurity, password: passwordOf(config) };
}

/** The passwords of all peers and ranges on what listens. */
export class Passwords {
  readonly #transport: Transport;
  #unprotected: readonly HeldPeer[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Sets them where one may have changed or was refused before, when there may be room now. Returns
   * those that must be kept down because theirs is not in force, ranges under their text: the very
   * same list as long as nothing was done.
   */
  set(
    config: SpeakerConfig,
    changes: ReadonlyMap<string, ConfigChange> | undefined,
  ): readonly HeldPeer[] {
    const isDue =
      changes === undefined ||
      this.#unprotected.length > 0 ||
      [...changes.values()].some(concernsPasswords);
    if (isDue) this.#unprotected = setPasswords(config, this.#transport);
    return this.#unprotected;
  }
}

/** Who comes from where, with which password. */
const FIELDS: readonly string[] = ['address', 'range', 'password', 'passive'];

const concernsPasswords = ({ kind, fields }: ConfigChange): boolean =>
  kind !== 'changed' || fields.some((field) => FIELDS.includes(field));

function setPasswords(
  { peers, dynamicPeers }: SpeakerConfig,
  transport: Transport,
): readonly HeldPeer[] {
  if ([...peers, ...dynamicPeers].every(({ password }) => password === undefined)) {
    transport.setKeys([]);
    return [];
  }
  const sources = [
    ...peers.map((peer) => sourceOf(peer.name, peer.address, peer)),
    ...dynamicPeers.map((range) => sourceOf(range.range, range.range, range)),
  ];
  const keys = new Map<string, PeerKey>();
  for (const { from, session } of sources) {
    const password = passwordOf(session);
    if (password !== undefined && !keys.has(from)) keys.set(from, { from, password });
  }
  const faults = transport.setKeys([...keys.values()]);
  const reasons = new Map(faults.map((fault) => [fault.from, faultText(fault)]));
  const ranges = dynamicPeers.flatMap(({ range }) => keys.get(prefixOf(range)) ?? []);
  const unprotected: HeldPeer[] = [];
  for (const { name, text, from, session } of sources) {
    const demanded = keys.get(from)?.password ?? passwordFor(ranges, text);
    const fault = passwordOf(session) === undefined ? undefined : reasons.get(from);
    const reason = withoutPassword(session, demanded) ?? fault;
    if (reason !== undefined) unprotected.push({ peer: name, reason });
  }
  return unprotected;
}

/**
 * Why a session cannot have its password, or go without, if so. Linux knows passwords of a listening
 * socket by address alone: `demanded` is what it asks of this one. Who dials is not bound by it.
 */
function withoutPassword(
  session: Source['session'],
  demanded: string | undefined,
): string | undefined {
  const password = passwordOf(session);
  if (password === undefined && session.password !== undefined) {
    return 'its password file was not read';
  }
  if (password === demanded || !('passive' in session && session.passive)) return undefined;
  return 'whoever dials from its address must have the password of another peer or range';
}

/** Whom connections come from, and who they are for. */
interface Source {
  readonly name: string;
  /** Address or range as configured. */
  readonly text: string;
  readonly from: string;
  readonly session: PeerConfig | DynamicPeerConfig;
}

/** By session: of thousands few change at a time. */
const known = new WeakMap<Source['session'], Source>();

function sourceOf(name: string, text: string, session: Source['session']): Source {
  const before = known.get(session);
  if (before !== undefined) return before;
  const source = { name, text, from: prefixOf(text), session };
  known.set(session, source);
  return source;
}

/** One text for one prefix: an address and a range of just this address share a key. */
function prefixOf(text: string): string {
  const prefix = parsePrefix(text);
  return prefix === undefined ? text : formatPrefix(prefix);
}

const passwordOf = ({ password }: SessionConfig): string | undefined =>
  password !== undefined && 'value' in password ? password.value : undefined;

const faultText = ({ reason, detail }: KeyFault): string =>
  detail === undefined ? KEY_REASONS[reason] : `${KEY_REASONS[reason]} (${detail})`;
