import { KEEPALIVE, NOTIFICATION, OPEN, ROUTE_REFRESH, UPDATE } from '../wire/message.ts';

/** Messages of one direction, by type. */
export class MessageCounts {
  open = 0;
  update = 0;
  notification = 0;
  keepalive = 0;
  routeRefresh = 0;

  /** Counts one message of a type that framing has let through. */
  count(type: number): void {
    if (type === UPDATE) this.update++;
    else if (type === KEEPALIVE) this.keepalive++;
    else if (type === OPEN) this.open++;
    else if (type === NOTIFICATION) this.notification++;
    else if (type === ROUTE_REFRESH) this.routeRefresh++;
  }
}
