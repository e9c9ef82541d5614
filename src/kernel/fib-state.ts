import type { KernelRouteType, NextHop, ProgramError } from './kernel.ts';

/** How a prefix stands in the FIB; `FIB_STATES` has a name and a line of text for each code. */
export const FibState = {
  installed: 0,
  pending: 1,
  adopted: 2,
  foreignConflict: 3,
  gatewayUnreachable: 4,
  interfaceDown: 5,
  noInterface: 6,
  notPermitted: 7,
  noMemory: 8,
  refused: 9,
  drift: 10,
} as const;

export type FibStateCode = (typeof FibState)[keyof typeof FibState];

export const FIB_STATES: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'installed', text: 'the kernel holds the wanted route' },
  { name: 'pending', text: 'the change is on its way to the kernel' },
  { name: 'adopted', text: 'a route of the previous life, kept until recovery completes' },
  { name: 'foreign-conflict', text: "another program's route holds the prefix at this metric" },
  { name: 'gateway-unreachable', text: 'the kernel knows no way to the gateway' },
  { name: 'interface-down', text: 'the outgoing interface is down' },
  { name: 'no-interface', text: 'the outgoing interface does not exist' },
  { name: 'not-permitted', text: 'changing routes needs CAP_NET_ADMIN' },
  { name: 'no-memory', text: 'the kernel has no memory or buffer left for the route' },
  { name: 'refused', text: 'the kernel refuses the route' },
  { name: 'drift', text: 'another program keeps changing the route; the next repair waits' },
];

/** The state that an error number leads to. */
export function stateOfErrno({ errno }: ProgramError): FibStateCode {
  switch (errno) {
    case 'EEXIST':
      return FibState.foreignConflict;
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return FibState.gatewayUnreachable;
    case 'ENETDOWN':
      return FibState.interfaceDown;
    case 'ENODEV':
      return FibState.noInterface;
    case 'EPERM':
    case 'EACCES':
      return FibState.notPermitted;
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'ENOSPC':
      return FibState.noMemory;
    default:
      return FibState.refused;
  }
}

/** What the FIB shall hold for one prefix. */
export interface FibRoute {
  readonly type: KernelRouteType;
  readonly nextHops: readonly NextHop[];
  /** RTA_PRIORITY. */
  readonly metric: number;
}

export interface FibStatus {
  readonly state: FibStateCode;
  /** What the kernel answered last, when the state is a failure. */
  readonly error: ProgramError | undefined;
  /** rtm_protocol of the route in the way, when the state is a foreign conflict. */
  readonly foreignProtocol: number | undefined;
}
