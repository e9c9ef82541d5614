import type { RouteView } from '../policy/route-view.ts';
import type { PathAttributes } from '../wire/path-attributes.ts';
import type { PrefixTable } from './prefix-table.ts';
import type { RecordTable } from './record-table.ts';
import type { Source } from './source.ts';

/** The one view of a route that policies read: points at a record, a source and a prefix. */
export class RouteCursor implements RouteView {
  size: 4 | 16 = 4;
  word0 = 0;
  word1 = 0;
  word2 = 0;
  word3 = 0;
  length = 0;
  source: RouteView['source'] = 'bgp';
  fromPeer = '';
  interface = '';
  metric: number | undefined = undefined;
  readonly #records: RecordTable;
  #record = 0;

  constructor(records: RecordTable) {
    this.#records = records;
  }

  get attributes(): PathAttributes | undefined {
    return this.source === 'bgp' ? this.#records.attributes(this.#record) : undefined;
  }

  pointAtRecord(record: number, source: Source): void {
    this.#record = record;
    this.fromPeer = source.name;
    this.metric = this.#records.metric(record);
    const local = source.session === 'local' ? this.#records.local(record) : undefined;
    this.source = local?.source ?? 'bgp';
    this.interface = local?.interface ?? '';
  }

  pointAtPrefix(prefixes: PrefixTable, prefix: number): void {
    this.length = prefixes.lengths[prefix] as number;
    this.word0 = prefixes.word0[prefix] as number;
    if (prefixes.family === 'ipv4-unicast') {
      this.size = 4;
      return;
    }
    this.size = 16;
    this.word1 = prefixes.word1[prefix] as number;
    this.word2 = prefixes.word2[prefix] as number;
    this.word3 = prefixes.word3[prefix] as number;
  }
}
