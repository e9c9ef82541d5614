import { type CapabilityRow, emptyCapability } from './capability-row.ts';

export interface EnhancedRouteRefresh {
  readonly type: 'enhanced-route-refresh';
}

/** Enhanced Route Refresh, RFC 7313 §3.1. */
export const enhancedRouteRefresh: CapabilityRow<EnhancedRouteRefresh> = emptyCapability(
  70,
  'enhanced-route-refresh',
);
