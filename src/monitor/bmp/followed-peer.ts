import type { Rib } from '../../rib/rib.ts';
import type { SentReader, SentStage } from '../../rib/types.ts';
import type { BmpView } from './message.ts';
import type { BmpTable } from './route-messages.ts';
import type { ToldPeer } from './told-peer.ts';

/** The Adj-RIBs-Out that a collector may ask for, RFC 8671. */
const STAGES: Readonly<Partial<Record<BmpView, SentStage>>> = {
  'adj-rib-out-pre': 'pre-policy',
  'adj-rib-out-post': 'post-policy',
};

/** An Adj-RIB-Out that is told, and what there is still to tell of it. */
export interface OutFeed {
  readonly table: BmpTable;
  readonly reader: SentReader;
}

/** A session that a collector was told of, with its tables that the collector asked for. */
export interface FollowedPeer {
  readonly told: ToldPeer;
  readonly tables: ReadonlyMap<BmpView, BmpTable>;
  readonly feeds: readonly OutFeed[];
}

export function followPeer(
  told: ToldPeer,
  views: readonly BmpView[],
  rib: Rib,
  wake: () => void,
): FollowedPeer {
  const tables = new Map<BmpView, BmpTable>();
  const feeds: OutFeed[] = [];
  const { receive, send } = told.session;
  for (const view of new Set(views)) {
    if (view === 'loc-rib') continue;
    const stage = STAGES[view];
    const { addPath } = stage === undefined ? receive : send;
    const table = { who: told.who, view, addPath };
    tables.set(view, table);
    const reader = stage && rib.openSentReader(told.peer.name, stage, wake);
    if (reader !== undefined) feeds.push({ table, reader });
  }
  return { told, tables, feeds };
}
