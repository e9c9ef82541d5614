import type { Family } from '../../net/family.ts';
import type { PeerStatus, SpeakerStatus } from '../view.ts';
import { errorText } from './error-text.ts';
import { oneLine } from './lines.ts';
import { sinceText } from './time-text.ts';

/** What BIRD calls a protocol: a source of routes, or a BGP session. */
export interface Protocol {
  readonly name: string;
  readonly kind: 'Static' | 'Kernel' | 'Device' | 'Direct' | 'BGP';
  readonly state: 'start' | 'up' | 'wait';
  readonly since: string;
  readonly info: string;
  /** Of a BGP session. */
  readonly peer?: PeerStatus;
}

export const HEADING = 'name     proto    table    state  since       info';

/** The protocols that every node has; BIRD's names in Calico's configuration. */
const LOCAL: readonly (readonly [name: string, kind: Protocol['kind']])[] = [
  ['static1', 'Static'],
  ['kernel1', 'Kernel'],
  ['device1', 'Device'],
  ['direct1', 'Direct'],
];

/** The protocols of one family, in BIRD's order: the local ones, then the sessions. */
export function protocolsOf(
  status: SpeakerStatus,
  peers: readonly PeerStatus[],
  family: Family,
): readonly Protocol[] {
  const up = status.recovery === undefined ? 'up' : 'wait';
  const local = LOCAL.map(
    ([name, kind]): Protocol => ({
      name,
      kind,
      state: kind === 'Kernel' ? up : 'up',
      since: status.startedAt,
      info: '',
    }),
  );
  const sessions = peers
    .filter(({ families }) => families.some((own) => own.family === family))
    .map((peer): Protocol => {
      const { name, since } = peer;
      const state = peer.state === 'Established' ? up : 'start';
      const info = `${stateText(peer).padEnd(14)}${oneLine(errorText(peer))}`;
      return { name, kind: 'BGP', state, since, info, peer };
    });
  return [...local, ...sessions];
}

export function protocolRow({ name, kind, state, since, info }: Protocol, now: number): string {
  const time = sinceText(since, now);
  const columns = [name.padEnd(8), kind.padEnd(8), 'master'.padEnd(8), state.padEnd(6)];
  return `${columns.join(' ')} ${time.padEnd(10)}  ${info}`;
}

/** A passive session that waits to be dialled is `Passive`, as in BIRD. */
export function stateText({ state, passive, timers }: PeerStatus): string {
  const waits = state === 'Idle' ? timers.idleHoldLeft === undefined : state === 'Active';
  return passive && waits ? 'Passive' : state;
}
