import type { PeerConfig, SessionConfig, SpeakerConfig } from '../config/types.ts';
import { KEY_REASONS } from '../transport/reasons.ts';
import type { ConnectionOptions, KeyFault, PeerKey, Transport } from '../transport/transport.ts';
import type { HeldPeer } from './speaker.ts';

/** What a configured session asks of its connections. */
export function connectionOptions(config: SessionConfig): ConnectionOptions {
  const { multihop, ttlSecurity } = config;
  return { ttl: multihop, ttlSecurity, password: passwordOf(config) };
}

/**
 * Sets the passwords of all peers and ranges on what listens. Returns those that must be kept down
 * because theirs is not in force, ranges under their text.
 */
export function setPasswords(
  { peers, dynamicPeers }: SpeakerConfig,
  transport: Transport,
): readonly HeldPeer[] {
  const sources = [
    ...peers.map((peer) => ({ name: peer.name, from: peer.address, session: peer })),
    ...dynamicPeers.map((range) => ({ name: range.range, from: range.range, session: range })),
  ];
  const keys = new Map<string, PeerKey>();
  for (const { from, session } of sources) {
    const password = passwordOf(session);
    if (password !== undefined && !keys.has(from)) keys.set(from, { from, password });
  }
  const faults = transport.setKeys([...keys.values()]);
  const reasons = new Map(faults.map((fault) => [fault.from, faultText(fault)]));
  return sources.flatMap(({ name, from, session }) => {
    const reason = withoutPassword(session, keys.get(from), reasons.get(from));
    return reason === undefined ? [] : [{ peer: name, reason }];
  });
}

/** Why a session cannot have its password, if so. One socket listens for all peers of an address. */
function withoutPassword(
  session: PeerConfig | SessionConfig,
  key: PeerKey | undefined,
  fault: string | undefined,
): string | undefined {
  const password = passwordOf(session);
  if (password === undefined) {
    return session.password === undefined ? undefined : 'its password file was not read';
  }
  const dials = 'passive' in session && !session.passive;
  if (key?.password !== password && !dials) return 'another peer has its address and a password';
  return fault;
}

const passwordOf = ({ password }: SessionConfig): string | undefined =>
  password !== undefined && 'value' in password ? password.value : undefined;

const faultText = ({ reason, detail }: KeyFault): string =>
  detail === undefined ? KEY_REASONS[reason] : `${KEY_REASONS[reason]} (${detail})`;
