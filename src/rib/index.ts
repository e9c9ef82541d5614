/** `bengal/rib`: prefix tables, decision and update groups, without sockets or timers of their own. */
export { Rib } from './rib.ts';
export type {
  FibChange,
  FibReader,
  FibRoute,
  LocalRoute,
  MessageKind,
  OutputPort,
  PathInfo,
  RibOptions,
  RibPeer,
  RibPeerSettings,
  RibSession,
  RouteFilter,
  UpdateOutcome,
} from './types.ts';
