import { canonicalAddress } from '../net/address.ts';
import { errorReply, type Reply } from './reply.ts';
import type { PeerStatus } from './view.ts';

/** The peer that a person means by a name or an address, or why it is not clear. */
export function findPeer(
  peers: readonly PeerStatus[],
  text: string,
): { readonly peer: PeerStatus } | { readonly reply: Reply } {
  const named = peers.find(({ name }) => name === text);
  if (named !== undefined) return { peer: named };
  const address = canonicalAddress(text);
  const matches = peers.filter((peer) => peer.address === address);
  const [peer] = matches;
  if (peer === undefined) {
    return { reply: errorReply(404, 'unknown-peer', `no peer has the name or address ${text}`) };
  }
  if (matches.length === 1) return { peer };
  const names = matches.map(({ name }) => name).join(', ');
  const message = `${text} is the address of several peers; name one of: ${names}`;
  return { reply: errorReply(409, 'ambiguous-peer', message) };
}
