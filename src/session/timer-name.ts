import type { ConnectionTimer, PeerTimer, Slot, TimerName } from './state.ts';

/** A timer with the connection that it belongs to, if it is not the peer's. */
export type TimerParts =
  | { readonly name: PeerTimer }
  | { readonly name: ConnectionTimer; readonly slot: Slot };

const PARTS: Readonly<Record<TimerName, TimerParts>> = {
  'connect-retry': { name: 'connect-retry' },
  'idle-hold': { name: 'idle-hold' },
  'error-forget': { name: 'error-forget' },
  'gr-restart': { name: 'gr-restart' },
  'gr-stale': { name: 'gr-stale' },
  'llgr-ipv4-unicast': { name: 'llgr-ipv4-unicast' },
  'llgr-ipv6-unicast': { name: 'llgr-ipv6-unicast' },
  'outgoing/open-hold': { name: 'open-hold', slot: 'outgoing' },
  'outgoing/hold': { name: 'hold', slot: 'outgoing' },
  'outgoing/keepalive': { name: 'keepalive', slot: 'outgoing' },
  'outgoing/send-hold': { name: 'send-hold', slot: 'outgoing' },
  'outgoing/refresh-ipv4-unicast': { name: 'refresh-ipv4-unicast', slot: 'outgoing' },
  'outgoing/refresh-ipv6-unicast': { name: 'refresh-ipv6-unicast', slot: 'outgoing' },
  'incoming/open-hold': { name: 'open-hold', slot: 'incoming' },
  'incoming/hold': { name: 'hold', slot: 'incoming' },
  'incoming/keepalive': { name: 'keepalive', slot: 'incoming' },
  'incoming/send-hold': { name: 'send-hold', slot: 'incoming' },
  'incoming/refresh-ipv4-unicast': { name: 'refresh-ipv4-unicast', slot: 'incoming' },
  'incoming/refresh-ipv6-unicast': { name: 'refresh-ipv6-unicast', slot: 'incoming' },
};

export const parseTimer = (timer: TimerName): TimerParts => PARTS[timer];
