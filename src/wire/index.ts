/** `bengal/wire`: BGP messages as bytes and as values. No state, no I/O. */
export type { Capability } from './capabilities/table.ts';
export { type DecodedAttributes, decodeAttributes } from './decode-attributes.ts';
export { encodeAttributes } from './encode-attributes.ts';
export { MessageError } from './errors.ts';
export { frameLength, messageTypeAt } from './header.ts';
export { encodeKeepalive } from './keepalive.ts';
export {
  HEADER_LENGTH,
  KEEPALIVE,
  MAX_EXTENDED_MESSAGE,
  MAX_MESSAGE,
  messageName,
  NOTIFICATION,
  OPEN,
  ROUTE_REFRESH,
  UPDATE,
} from './message.ts';
export { readPrefix } from './nlri.ts';
export {
  decodeNotification,
  describeNotification,
  encodeNotification,
  type Notification,
} from './notification.ts';
export { decodeOpen, encodeOpen, type OpenMessage, type ReceivedOpen } from './open.ts';
export type { CodecContext, PathAttributes } from './path-attributes.ts';
export { decodeRouteRefresh, encodeRouteRefresh, type RouteRefresh } from './route-refresh.ts';
export { encodeUpdate, endOfRib, type UpdateContent } from './update.ts';
export { scanUpdate, UpdateScan } from './update-scan.ts';
