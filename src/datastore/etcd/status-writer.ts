import { isObject } from '../resources/schema.ts';
import { CONFLICTS, withStatus } from '../status.ts';
import type { EtcdConnection } from './connection.ts';
import { EtcdFailure } from './failure.ts';
import { parseJson } from './keys.ts';

/** Lays parts over the status of the object behind a key. */
export async function writeStatus(
  connection: Pick<EtcdConnection, 'range' | 'transact'>,
  name: string,
  parts: Readonly<Record<string, unknown>>,
): Promise<void> {
  const key = Buffer.from(name);
  for (let tries = 0; tries < CONFLICTS; tries++) {
    const range = { key, range_end: Buffer.alloc(0), limit: 1, revision: 0 };
    const [found] = (await connection.range(range)).kvs;
    if (found === undefined) return;
    const object = parseJson(found.value.toString());
    if (!isObject(object)) return;
    const value = Buffer.from(JSON.stringify(withStatus(object, parts)));
    const { mod_revision } = found;
    const operation = { request_put: { key, value } };
    const comparison = { key, result: 'Equal', target: 'Mod', mod_revision } as const;
    if (await connection.transact([operation], [comparison])) return;
  }
  throw new EtcdFailure('etcd-conflict', name, '');
}
