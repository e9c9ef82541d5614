import { type CapabilityRow, emptyCapability } from './capability-row.ts';

export interface RouteRefreshCapability {
  readonly type: 'route-refresh';
}

/** Route Refresh, RFC 2918 §2. */
export const routeRefresh: CapabilityRow<RouteRefreshCapability> = emptyCapability(
  2,
  'route-refresh',
);
