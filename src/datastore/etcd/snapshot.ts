import type { EtcdConnection } from './connection.ts';
import { EtcdFailure } from './failure.ts';
import { type Taken, takeObject } from './keys.ts';
import { endOf, type RangeResponse } from './messages.ts';

/** All objects at one revision. */
export interface Snapshot {
  readonly cluster: string;
  readonly revision: number;
  readonly objects: ReadonlyMap<string, Taken>;
}

const LARGEST_PAGE = 500;

/** Reads everything below the prefixes, page by page, as it was at the moment of the first page. */
export async function readSnapshot(
  connection: Pick<EtcdConnection, 'range'>,
  prefixes: readonly string[],
): Promise<Snapshot> {
  const objects = new Map<string, Taken>();
  let cluster = '';
  let revision = 0;
  for (const prefix of prefixes) {
    for (let key: Buffer | undefined = Buffer.from(prefix); key !== undefined; ) {
      const page = await readPage(connection, key, prefix, revision);
      if (revision === 0) {
        cluster = page.header.cluster_id;
        revision = Number(page.header.revision);
      }
      for (const { key: at, value } of page.kvs) {
        const name = at.toString();
        objects.set(name, takeObject(name, value));
      }
      key = page.more ? after(page) : undefined;
    }
  }
  return { cluster, revision, objects };
}

/** Asks for fewer objects while the answer is too large. */
async function readPage(
  connection: Pick<EtcdConnection, 'range'>,
  key: Buffer,
  prefix: string,
  revision: number,
): Promise<RangeResponse> {
  for (let limit = LARGEST_PAGE; ; limit = Math.ceil(limit / 4)) {
    try {
      return await connection.range({ key, range_end: endOf(prefix), limit, revision });
    } catch (error) {
      const isTooLarge = error instanceof EtcdFailure && error.code === 'etcd-too-large';
      if (!isTooLarge || limit === 1) throw error;
    }
  }
}

/** The first key that can follow those of a page. */
function after({ kvs }: RangeResponse): Buffer | undefined {
  const last = kvs.at(-1);
  return last && Buffer.concat([last.key, Buffer.alloc(1)]);
}
