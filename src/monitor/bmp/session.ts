import type { BmpConfig } from '../../config/types.ts';
import { parseIpv4Number } from '../../net/address.ts';
import { afiOf, FAMILIES, type Family, SAFI_UNICAST } from '../../net/family.ts';
import type { Rib } from '../../rib/rib.ts';
import type { PathChange, TableChange, TableReader } from '../../rib/types.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { SlicedWork, Task } from '../../runtime/sliced-work.ts';
import type { Speaker } from '../../speaker/speaker.ts';
import { TRANSPORT_REASONS } from '../../transport/reasons.ts';
import type { Connection } from '../../transport/transport.ts';
import { AS_TRANS } from '../../wire/attributes/as-path.ts';
import { MAX_EXTENDED_MESSAGE } from '../../wire/message.ts';
import { encodeOpen } from '../../wire/open.ts';
import type { CodecContext, PathAttributes } from '../../wire/path-attributes.ts';
import { encodeUpdate, type UpdateContent } from '../../wire/update.ts';
import {
  type BmpPeer,
  type BmpView,
  initiation,
  type PeerUp,
  peerDown,
  peerUp,
  routeMonitoring,
  statisticsReport,
  termination,
} from './message.ts';
import { peerStatistics, tableStatistics } from './statistics.ts';
import { endOf, established, type ToldPeer } from './told-peer.ts';

/** Milliseconds for which a collector may take nothing before its connection is given up. */
const PATIENCE = 180_000;
const NO_ADDRESS = new Uint8Array(4);

export interface BmpSessionOptions {
  readonly config: BmpConfig;
  readonly speaker: Speaker;
  readonly rib: Rib;
  readonly clock: Clock;
  readonly work: SlicedWork;
  readonly sysDescr: string;
  /** The connection is gone; `reason` in words. */
  readonly ended: (reason: string) => void;
}

/**
 * One connection to a collector. What it may still have to say is a set of prefixes in the RIB's
 * reader and the difference between the peers told and the peers there are: it has no queue, and a
 * collector that takes nothing costs nobody anything.
 */
export class BmpSession implements Task {
  readonly #options: BmpSessionOptions;
  readonly #connection: Connection;
  readonly #reader: TableReader;
  readonly #told = new Map<string, ToldPeer>();
  readonly #table: BmpPeer;
  #tableEndDue: boolean;
  #blocked = false;
  #over = false;
  #stalled: Timer | undefined;
  #reporting: Timer | undefined;
  #messages = 0;

  constructor(connection: Connection, options: BmpSessionOptions) {
    const { rib, speaker, config, clock, sysDescr } = options;
    this.#connection = connection;
    this.#options = options;
    this.#table = tablePeer(speaker);
    this.#tableEndDue = config.rib.includes('loc-rib');
    this.#reader = rib.openTableReader(() => this.wake());
    connection.start({
      message: () => {},
      // A collector has nothing to say; whatever it sends is no reason to stop.
      malformed: () => {},
      readEnd: () => {},
      drained: () => this.#drained(),
      closed: (reason, detail) => this.#lost(TRANSPORT_REASONS[reason], detail),
    });
    this.#write(initiation(nameOf(speaker), sysDescr));
    if (this.#tableEndDue) {
      this.#write(peerUp(this.#table, 'loc-rib', tableUp(speaker), clock.wallTime()));
    }
    this.#report();
    this.wake();
  }

  /** Messages written on this connection. */
  get messages(): number {
    return this.#messages;
  }

  get rib(): Rib {
    return this.#options.rib;
  }

  /** The peers or the table may have changed. */
  wake(): void {
    this.#options.work.add(this);
  }

  /** Says that we end, and closes. */
  end(): void {
    this.#close();
    this.#connection.end(termination());
  }

  run(deadline: number): boolean {
    const { clock } = this.#options;
    this.#tellPeers();
    while (!this.#blocked) {
      const change = this.#reader.next();
      if (change === undefined) {
        this.#tellEnds();
        return false;
      }
      this.#tell(change);
      if (clock.now() >= deadline) return !this.#blocked;
    }
    return false;
  }

  #tellPeers(): void {
    if (this.#blocked) return;
    const { speaker, clock } = this.#options;
    const time = clock.wallTime();
    for (const [name, told] of this.#told) {
      const now = speaker.peer(name);
      if (now === told.peer && now.negotiated === told.session) continue;
      this.#told.delete(name);
      this.#write(peerDown(told.who, 'pre-policy', endOf(told, now === told.peer), time));
    }
    for (const peer of speaker.peers) {
      if (this.#told.has(peer.name)) continue;
      const told = established(peer);
      if (told === undefined) continue;
      this.#told.set(peer.name, told);
      this.#write(peerUp(told.who, 'pre-policy', told.up, time));
      this.#reader.repeat(peer.name);
    }
  }

  #tell(change: TableChange): void {
    const { rib: views } = this.#options.config;
    for (const path of change.paths) {
      const told = this.#told.get(path.peer);
      if (told === undefined) continue;
      if (views.includes('pre-policy')) {
        this.#tellPath(told, 'pre-policy', change, path, path.received);
      }
      if (views.includes('post-policy')) {
        this.#tellPath(told, 'post-policy', change, path, path.accepted);
      }
    }
    if (change.best === undefined || !views.includes('loc-rib')) return;
    const { attributes, since } = change.best;
    const { family, prefix } = change;
    const update = encodeUpdate(contentOf(family, [{ prefix }], attributes), codec([]));
    this.#write(routeMonitoring(this.#table, 'loc-rib', update, since));
  }

  #tellPath(
    { who, session }: ToldPeer,
    view: BmpView,
    { family, prefix }: TableChange,
    { pathId, since }: PathChange,
    attributes: PathAttributes | undefined,
  ): void {
    const routes = [{ prefix, pathId }];
    const { addPath } = session.receive;
    const update = encodeUpdate(contentOf(family, routes, attributes), codec(addPath));
    this.#write(routeMonitoring(who, view, update, since));
  }

  /** Everything that there was is told: End-of-RIB of each table that still lacks it. */
  #tellEnds(): void {
    const { rib: views } = this.#options.config;
    for (const told of this.#told.values()) {
      if (!told.endOfRibDue) continue;
      told.endOfRibDue = false;
      for (const view of views) {
        if (view !== 'loc-rib') this.#tellEnd(told.who, view, told.session.families);
      }
    }
    if (this.#tableEndDue) this.#tellEnd(this.#table, 'loc-rib', FAMILIES);
    this.#tableEndDue = false;
  }

  #tellEnd(who: BmpPeer, view: BmpView, families: readonly Family[]): void {
    const time = this.#options.clock.wallTime();
    for (const family of families) {
      const update = encodeUpdate({ type: 'withdraw', family, routes: [] }, codec([]));
      this.#write(routeMonitoring(who, view, update, time));
    }
  }

  #report(): void {
    const { config, clock, rib } = this.#options;
    const { statsInterval, rib: views } = config;
    if (statsInterval === 0) return;
    this.#reporting = clock.setTimer('bmp-statistics', 1000 * statsInterval, () => {
      this.#report();
      if (this.#blocked) return;
      const time = clock.wallTime();
      for (const { who, peer } of this.#told.values()) {
        this.#write(statisticsReport(who, 'pre-policy', peerStatistics(peer), time));
      }
      if (!views.includes('loc-rib')) return;
      this.#write(statisticsReport(this.#table, 'loc-rib', tableStatistics(rib), time));
    });
  }

  #write(message: Buffer): void {
    this.#messages++;
    if (this.#connection.write(message) || this.#blocked) return;
    this.#blocked = true;
    this.#stalled = this.#options.clock.setTimer('bmp-stalled', PATIENCE, () => {
      this.#connection.destroy();
      this.#lost(`it took nothing for ${PATIENCE / 1000} s`, undefined);
    });
  }

  #drained(): void {
    this.#blocked = false;
    this.#stalled?.cancel();
    this.wake();
  }

  #lost(reason: string, detail: string | undefined): void {
    if (this.#over) return;
    this.#close();
    this.#options.ended(detail === undefined ? reason : `${reason} (${detail})`);
  }

  #close(): void {
    this.#over = true;
    this.#blocked = true;
    this.#reader.close();
    this.#stalled?.cancel();
    this.#reporting?.cancel();
    this.#options.work.remove(this);
  }
}

/** 4-octet AS numbers everywhere, whatever the peer sent (RFC 7854 §4.2). */
const codec = (addPath: readonly Family[]): CodecContext => ({
  as4: true,
  kind: 'ibgp',
  addPath,
  families: FAMILIES,
  maxMessage: MAX_EXTENDED_MESSAGE,
  extendedNextHop: true,
});

const contentOf = (
  family: Family,
  routes: UpdateContent['routes'],
  attributes: PathAttributes | undefined,
): UpdateContent =>
  attributes === undefined
    ? { type: 'withdraw', family, routes }
    : { type: 'announce', family, routes, attributes: withNextHop(attributes, family) };

/** A route of this machine without a gateway has the unspecified address. */
function withNextHop(attributes: PathAttributes, family: Family): PathAttributes {
  if (attributes.nextHop !== undefined) return attributes;
  return { ...attributes, nextHop: new Uint8Array(family === 'ipv4-unicast' ? 4 : 16) };
}

const nameOf = ({ config }: Speaker): string => config?.hostName ?? config?.routerId ?? '';

/** Loc-RIB as a peer: no address, our own AS number and identifier (RFC 9069 §4.2). */
function tablePeer({ config }: Speaker): BmpPeer {
  const bgpId = config === undefined ? 0 : (parseIpv4Number(config.routerId) ?? 0);
  return { address: NO_ADDRESS, asn: config?.asn ?? 0, bgpId };
}

/** RFC 9069 §4.4: made-up OPENs that say how the table is told. */
function tableUp(speaker: Speaker): PeerUp {
  const { asn, bgpId } = tablePeer(speaker);
  const open = encodeOpen({
    version: 4,
    asn: asn > 0xffff ? AS_TRANS : asn,
    holdTime: 0,
    bgpId,
    capabilities: [
      ...FAMILIES.map((family) => ({
        type: 'multiprotocol' as const,
        afi: afiOf(family),
        safi: SAFI_UNICAST,
      })),
      { type: 'as4', asn },
    ],
  });
  return {
    localAddress: NO_ADDRESS,
    localPort: 0,
    remotePort: 0,
    sentOpen: open,
    receivedOpen: open,
  };
}
