import { readdirSync } from 'node:fs';
import path from 'node:path';
import { BengalError } from '../../runtime/error.ts';
import type { Resource } from '../datastore.ts';
import { readResourceFile } from '../file/directory.ts';
import { isObject } from '../resources/schema.ts';

/** Where Felix writes; the prefix is `CALICO_ENDPOINT_STATUS_PATH_PREFIX`, empty counts as unset. */
export const endpointStatusDirectory = (prefix: string | undefined): string =>
  path.join(prefix || '/var/run/calico', 'endpoint-status');

/** Names of the files; undefined without a directory. Throws when it cannot be listed. */
export function listStatusFiles(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith('.'))
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The status of a workload, undefined for one that no BGPPeer selects. Throws a BengalError when the
 * file is not whole.
 */
export function readStatusFile(directory: string, name: string): Resource | undefined {
  const spec = parse(readResourceFile(directory, name).text, name);
  if (typeof spec['bgpPeerName'] !== 'string' || spec['bgpPeerName'] === '') return undefined;
  return {
    apiVersion: 'bengal/v1',
    kind: 'WorkloadEndpointStatus',
    metadata: { name, labels: {}, annotations: {} },
    spec,
  };
}

function parse(text: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    if (isObject(read)) return read;
  } catch {}
  throw new BengalError('malformed-file', 'is not a JSON object; what it said before stays', {
    where: name,
    cure: 'Wait for Felix to write it again, or remove it',
  });
}
