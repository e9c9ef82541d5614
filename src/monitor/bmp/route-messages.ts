import { FAMILIES, type Family } from '../../net/family.ts';
import { MAX_EXTENDED_MESSAGE, MAX_MESSAGE } from '../../wire/message.ts';
import type { CodecContext, PathAttributes } from '../../wire/path-attributes.ts';
import { encodeUpdate, type Nlri, type UpdateContent } from '../../wire/update.ts';
import { type BmpPeer, type BmpView, routeMonitoring } from './message.ts';

/** Routes in one message at most. */
const MOST_ROUTES = 128;
/** Milliseconds within which routes may have come to be told with one time. */
const SAME_TIME = 1000;

/** One table of one peer, by identity. */
export interface BmpTable {
  readonly who: BmpPeer;
  readonly view: BmpView;
  /** Families whose paths are told with path identifiers. */
  readonly addPath: readonly Family[];
}

/** What routes of one message share; without attributes they are gone. */
export interface SharedByRoutes {
  readonly family: Family;
  readonly attributes: PathAttributes | undefined;
  /** Wall-clock milliseconds; 0 unknown. */
  readonly since: number;
}

interface Batch extends SharedByRoutes {
  readonly routes: Nlri[];
}

/** Puts routes of a table that come one after the other and share their attributes into one message. */
export class RouteMessages {
  readonly #write: (message: Buffer) => void;
  readonly #open = new Map<BmpTable, Batch>();

  constructor(write: (message: Buffer) => void) {
    this.#write = write;
  }

  add(table: BmpTable, route: Nlri, shared: SharedByRoutes): void {
    const open = this.#open.get(table);
    if (open !== undefined && fits(open, shared)) {
      open.routes.push(route);
      return;
    }
    if (open !== undefined) this.#tell(table, open, open.routes);
    this.#open.set(table, { ...shared, routes: [route] });
  }

  /** Writes what is not yet written. */
  flush(): void {
    for (const [table, batch] of this.#open) this.#tell(table, batch, batch.routes);
    this.#open.clear();
  }

  #tell(table: BmpTable, batch: Batch, routes: readonly Nlri[]): void {
    const { who, view, addPath } = table;
    const update = encodeUpdate(contentOf(batch, routes), codec(addPath));
    if (update.length > MAX_MESSAGE && routes.length > 1) {
      const middle = routes.length >>> 1;
      this.#tell(table, batch, routes.slice(0, middle));
      this.#tell(table, batch, routes.slice(middle));
      return;
    }
    this.#write(routeMonitoring(who, view, update, batch.since));
  }
}

const fits = (open: Batch, { family, attributes, since }: SharedByRoutes): boolean =>
  open.family === family &&
  open.attributes === attributes &&
  Math.abs(open.since - since) < SAME_TIME &&
  open.routes.length < MOST_ROUTES;

/** 4-octet AS numbers everywhere, whatever the peer sent (RFC 7854 §4.2). */
const codec = (addPath: readonly Family[]): CodecContext => ({
  as4: true,
  kind: 'ibgp',
  addPath,
  families: FAMILIES,
  maxMessage: MAX_EXTENDED_MESSAGE,
  extendedNextHop: true,
});

const contentOf = ({ family, attributes }: Batch, routes: readonly Nlri[]): UpdateContent =>
  attributes === undefined
    ? { type: 'withdraw', family, routes }
    : { type: 'announce', family, routes, attributes: withNextHop(attributes, family) };

/** A route of this machine without a gateway has the unspecified address. */
function withNextHop(attributes: PathAttributes, family: Family): PathAttributes {
  if (attributes.nextHop !== undefined) return attributes;
  return { ...attributes, nextHop: new Uint8Array(family === 'ipv4-unicast' ? 4 : 16) };
}
