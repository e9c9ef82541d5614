import { type AddPath, addPath } from './add-path.ts';
import { type As4, as4 } from './as4.ts';
import type { CapabilityRow } from './capability-row.ts';
import { type EnhancedRouteRefresh, enhancedRouteRefresh } from './enhanced-route-refresh.ts';
import { type ExtendedMessage, extendedMessage } from './extended-message.ts';
import { type ExtendedNextHop, extendedNextHop } from './extended-next-hop.ts';
import { type Fqdn, fqdn } from './fqdn.ts';
import { type GracefulRestart, gracefulRestart } from './graceful-restart.ts';
import {
  type LongLivedGracefulRestart,
  longLivedGracefulRestart,
} from './long-lived-graceful-restart.ts';
import { type Multiprotocol, multiprotocol } from './multiprotocol.ts';
import { type Role, role } from './role.ts';
import { type RouteRefreshCapability, routeRefresh } from './route-refresh.ts';
import { type SoftwareVersion, softwareVersion } from './software-version.ts';

/** A capability that bengal does not know, kept as received. */
export interface UnknownCapability {
  readonly type: 'unknown';
  readonly code: number;
  readonly value: Uint8Array;
}

type KnownCapability =
  | Multiprotocol
  | RouteRefreshCapability
  | ExtendedNextHop
  | ExtendedMessage
  | Role
  | GracefulRestart
  | As4
  | AddPath
  | EnhancedRouteRefresh
  | LongLivedGracefulRestart
  | Fqdn
  | SoftwareVersion;

/** One capability of an OPEN (RFC 5492). */
export type Capability = KnownCapability | UnknownCapability;

type Rows = {
  readonly [T in KnownCapability['type']]: CapabilityRow<Extract<KnownCapability, { type: T }>>;
};

/** Every capability that bengal knows. Adding one: a file, a member of the union, a row. */
const CAPABILITIES: Rows = {
  multiprotocol,
  'route-refresh': routeRefresh,
  'extended-next-hop': extendedNextHop,
  'extended-message': extendedMessage,
  role,
  'graceful-restart': gracefulRestart,
  as4,
  'add-path': addPath,
  'enhanced-route-refresh': enhancedRouteRefresh,
  'long-lived-graceful-restart': longLivedGracefulRestart,
  fqdn,
  'software-version': softwareVersion,
};

/** The row of a capability code, or undefined when bengal does not know it. */
export const capabilityRow = (code: number): CapabilityRow<KnownCapability> | undefined =>
  Object.values(CAPABILITIES).find((row) => row.code === code);

/** The row of a known capability. */
export const capabilityRowOf = (type: KnownCapability['type']): CapabilityRow<KnownCapability> =>
  CAPABILITIES[type];
