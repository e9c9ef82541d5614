import type { BmpConfig } from '../../config/types.ts';
import { FAMILIES, type Family } from '../../net/family.ts';
import type { Rib } from '../../rib/rib.ts';
import type { TableReader } from '../../rib/types.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { SlicedWork, Task } from '../../runtime/sliced-work.ts';
import type { Speaker } from '../../speaker/speaker.ts';
import { TRANSPORT_REASONS } from '../../transport/reasons.ts';
import type { Connection } from '../../transport/transport.ts';
import { endOfRib } from '../../wire/update.ts';
import { type FollowedPeer, followPeer, type OutFeed } from './followed-peer.ts';
import { locRibPeer, locRibUp } from './loc-rib.ts';
import {
  initiation,
  peerDown,
  peerUp,
  routeMonitoring,
  statisticsReport,
  termination,
} from './message.ts';
import { type BmpTable, RouteMessages } from './route-messages.ts';
import { peerStatistics, tableStatistics } from './statistics.ts';
import { endOf, established } from './told-peer.ts';

/** Milliseconds for which a collector may take nothing before its connection is given up. */
const PATIENCE = 180_000;

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

/** Something that has changes to tell, one after the other. */
interface Feed {
  readonly reader: { readonly idle: boolean };
  /** Tells the next change, if the next few prefixes hold one. */
  tell(): void;
}

/**
 * One connection to a collector. What it may still have to say is a set of prefixes in each of its
 * readers and the difference between the peers told and the peers there are: it has no queue, and a
 * collector that takes nothing costs nobody anything.
 */
export class BmpSession implements Task {
  readonly #options: BmpSessionOptions;
  readonly #connection: Connection;
  readonly #reader: TableReader;
  readonly #followed = new Map<string, FollowedPeer>();
  readonly #locRib: BmpTable;
  readonly #routes = new RouteMessages((message) => this.#write(message));
  /** Which feed is told first: every slice begins with another. */
  #turn = 0;
  #locRibEndDue: boolean;
  #blocked = false;
  #over = false;
  #stalled: Timer | undefined;
  #reporting: Timer | undefined;
  #messages = 0;

  constructor(connection: Connection, options: BmpSessionOptions) {
    const { rib, speaker, config, clock, sysDescr } = options;
    this.#connection = connection;
    this.#options = options;
    const who = locRibPeer(speaker);
    this.#locRib = { who, view: 'loc-rib', addPath: [] };
    this.#locRibEndDue = config.rib.includes('loc-rib');
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
    if (this.#locRibEndDue) this.#write(peerUp(who, 'loc-rib', locRibUp(who), clock.wallTime()));
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
    this.#tellPeers();
    const done = this.#tellRoutes(deadline);
    this.#routes.flush();
    if (this.#blocked) return false;
    if (done) this.#tellEnds();
    return !done;
  }

  /** True when there is nothing left to tell. */
  #tellRoutes(deadline: number): boolean {
    const { clock } = this.#options;
    const feeds = this.#feeds();
    let idle = 0;
    for (let at = this.#turn++; idle < feeds.length && !this.#blocked; ) {
      const feed = feeds[at % feeds.length];
      if (feed === undefined || feed.reader.idle) {
        at++;
        idle++;
        continue;
      }
      feed.tell();
      if (clock.now() >= deadline) return false;
    }
    return idle === feeds.length;
  }

  #feeds(): readonly Feed[] {
    const feeds: Feed[] = [{ reader: this.#reader, tell: () => this.#tellTables() }];
    for (const { feeds: outs } of this.#followed.values()) {
      for (const out of outs) {
        feeds.push({ reader: out.reader, tell: () => this.#tellSent(out) });
      }
    }
    return feeds;
  }

  #tellPeers(): void {
    if (this.#blocked) return;
    const { speaker, clock, rib, config } = this.#options;
    const time = clock.wallTime();
    for (const [name, followed] of this.#followed) {
      const { told, feeds } = followed;
      const now = speaker.peer(name);
      if (now === told.peer && now.negotiated === told.session) continue;
      this.#followed.delete(name);
      for (const { reader } of feeds) reader.close();
      this.#write(peerDown(told.who, 'pre-policy', endOf(told, now === told.peer), time));
    }
    for (const peer of speaker.peers) {
      if (this.#followed.has(peer.name)) continue;
      const told = established(peer);
      if (told === undefined) continue;
      this.#followed.set(
        peer.name,
        followPeer(told, config.rib, rib, () => this.wake()),
      );
      this.#write(peerUp(told.who, 'pre-policy', told.up, time));
      this.#reader.repeat(peer.name);
    }
  }

  /** Adj-RIBs-In and Loc-RIB. */
  #tellTables(): void {
    const change = this.#reader.next();
    if (change === undefined) return;
    const { family, prefix, best } = change;
    for (const { peer, pathId, received, accepted, since } of change.paths) {
      const tables = this.#followed.get(peer)?.tables;
      const [pre, post] = [tables?.get('pre-policy'), tables?.get('post-policy')];
      const route = { prefix, pathId };
      if (pre !== undefined) this.#routes.add(pre, route, { family, attributes: received, since });
      if (post !== undefined)
        this.#routes.add(post, route, { family, attributes: accepted, since });
    }
    if (best === undefined || !this.#options.config.rib.includes('loc-rib')) return;
    this.#routes.add(this.#locRib, { prefix }, { family, ...best });
  }

  #tellSent({ reader, table }: OutFeed): void {
    const change = reader.next();
    if (change === undefined) return;
    const { family, prefix } = change;
    for (const { pathId, attributes } of change.paths) {
      this.#routes.add(table, { prefix, pathId }, { family, attributes, since: 0 });
    }
  }

  /** Everything that there was is told: End-of-RIB of each table that still lacks it. */
  #tellEnds(): void {
    for (const { told, tables } of this.#followed.values()) {
      if (!told.endOfRibDue) continue;
      told.endOfRibDue = false;
      for (const table of tables.values()) this.#tellEnd(table, told.session.families);
    }
    if (this.#locRibEndDue) this.#tellEnd(this.#locRib, FAMILIES);
    this.#locRibEndDue = false;
  }

  #tellEnd({ who, view }: BmpTable, families: readonly Family[]): void {
    const time = this.#options.clock.wallTime();
    for (const family of families) {
      this.#write(routeMonitoring(who, view, endOfRib(family), time));
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
      for (const followed of this.#followed.values()) this.#reportPeer(followed, time);
      if (!views.includes('loc-rib')) return;
      this.#write(statisticsReport(this.#locRib.who, 'loc-rib', tableStatistics(rib), time));
    });
  }

  #reportPeer({ told, feeds }: FollowedPeer, time: number): void {
    const offered = feeds.find(({ table }) => table.view === 'adj-rib-out-pre')?.reader;
    const statistics = peerStatistics(told.peer, offered && ((family) => offered.told(family)));
    this.#write(statisticsReport(told.who, 'pre-policy', statistics, time));
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
    for (const { feeds } of this.#followed.values()) {
      for (const { reader } of feeds) reader.close();
    }
    this.#stalled?.cancel();
    this.#reporting?.cancel();
    this.#options.work.remove(this);
  }
}

const nameOf = ({ config }: Speaker): string => config?.hostName ?? config?.routerId ?? '';
