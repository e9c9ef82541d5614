import { createHash } from 'node:crypto';
import { asResource } from '../datastore/as-resource.ts';
import type { Resource } from '../datastore/datastore.ts';
import { isObject } from '../datastore/resources/schema.ts';

/** Whose state it is; that of anybody else is refused. */
export interface StateOwner {
  readonly command: string;
  readonly name: string;
  /** Which datastore it comes from, as `etcd https://10.0.0.1:2379`. */
  readonly datastore: string;
}

/** The resources of a last good state. */
export interface SavedResources {
  /** Wall-clock milliseconds. */
  readonly savedAt: number;
  readonly resources: readonly Resource[];
}

const FORMAT = 'bengal-state';
const VERSION = 1;

/** The resources as JSON, one a line. */
export const stateBody = (resources: readonly Resource[]): string =>
  resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');

export const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** A file: one line that says what it is, and the body whose digest stands there. */
export function encodeState(owner: StateOwner, savedAt: number, body: string): string {
  const time = new Date(savedAt).toISOString();
  const header = { format: FORMAT, version: VERSION, owner, savedAt: time, sha256: digestOf(body) };
  return `${JSON.stringify(header)}\n${body}`;
}

/** Reads such a file, or says why it cannot be used. Total. */
export function decodeState(
  text: string,
  owner: StateOwner,
): SavedResources | { readonly fault: string } {
  const end = text.indexOf('\n');
  const header = parsed(text.slice(0, Math.max(end, 0)));
  if (!isObject(header) || header['format'] !== FORMAT) return { fault: 'is no saved state' };
  const { version, savedAt, sha256 } = header;
  if (version !== VERSION)
    return { fault: `has format version ${String(version)}; this bengal reads ${VERSION}` };
  const stranger = strangerOf(header['owner'], owner);
  if (stranger !== undefined) return { fault: stranger };
  const body = text.slice(end + 1);
  if (digestOf(body) !== sha256) return { fault: 'is cut off or damaged: its digest is wrong' };
  const time = typeof savedAt === 'string' ? Date.parse(savedAt) : Number.NaN;
  const taken = body.split('\n').slice(0, -1).map(parsed).map(asResource);
  const resources = taken.flatMap((at) => ('resource' in at ? [at.resource] : []));
  if (Number.isNaN(time) || resources.length < taken.length)
    return { fault: 'holds what is no state' };
  return { savedAt: time, resources };
}

function strangerOf(found: unknown, owner: StateOwner): string | undefined {
  const fields = isObject(found) ? found : {};
  for (const [field, wanted] of Object.entries(owner)) {
    const value = fields[field];
    if (value !== wanted) return `belongs to ${field} ${String(value)}, not to ${wanted}`;
  }
  return undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
