import { BengalError } from '../../runtime/error.ts';
import { asResource } from '../as-resource.ts';
import { keyOf, type Resource } from '../datastore.ts';
import { ANNOTATION_PREFIX } from '../resources/annotations.ts';
import { isObject } from '../resources/schema.ts';
import type { WatchedKind } from './kinds.ts';

/** An object of the API server, as the derivation is to see it. */
export interface Taken {
  /** `kind/namespace/name`. */
  readonly key: string;
  /** Undefined when the object cannot be taken. */
  readonly resource: Resource | undefined;
  readonly problem: BengalError | undefined;
}

const CALICO_PREFIX = 'projectcalico.org/';

/** Where Calico keeps labels and annotations of its own beside those of the CRD's object. */
const CALICO_METADATA = 'projectcalico.org/metadata';

/** Takes one object of `kind`. Total: whatever it holds, nothing is thrown. */
export function asStored(kind: WatchedKind, object: unknown): Taken {
  const apiVersion = kind.group === 'calico' ? 'projectcalico.org/v3' : kind.group;
  const taken = asResource(isObject(object) ? { ...object, apiVersion, kind: kind.kind } : object);
  if ('fault' in taken) {
    const name = nameOf(object);
    const where = `${kind.kind} ${name || '?'}`;
    const cure = 'Correct the object; the others are not affected';
    const problem = new BengalError('malformed-object', taken.fault, { where, cure });
    return { key: `${kind.kind}//${name}`, resource: undefined, problem };
  }
  const { resource, problem } =
    kind.group === 'calico' ? withCalicoMetadata(taken.resource) : { ...taken, problem: undefined };
  return { key: keyOf(resource), resource: trimmed(kind, resource), problem };
}

function nameOf(object: unknown): string {
  const metadata = isObject(object) ? object['metadata'] : undefined;
  const name = isObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** Keeps what is read: annotations of tools alone can be a megabyte. */
function trimmed(kind: WatchedKind, resource: Resource): Resource {
  const { apiVersion, metadata } = resource;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations).filter(([key]) =>
      [CALICO_PREFIX, ANNOTATION_PREFIX].some((prefix) => key.startsWith(prefix)),
    ),
  );
  return {
    apiVersion,
    kind: kind.kind,
    metadata: { ...metadata, annotations },
    ...kind.parts(resource),
  };
}

/** Calico's own labels and annotations lie over those of the object, as Calico reads them. */
function withCalicoMetadata(resource: Resource): {
  readonly resource: Resource;
  readonly problem: BengalError | undefined;
} {
  const { [CALICO_METADATA]: written, ...annotations } = resource.metadata.annotations;
  if (written === undefined) return { resource, problem: undefined };
  const own = readMetadata(written);
  if (own === undefined) {
    const where = `${resource.kind} ${resource.metadata.name}`;
    const message = `annotation ${CALICO_METADATA} is no JSON of labels and annotations; it is ignored`;
    const cure = 'Remove it, or write the object with calicoctl';
    const problem = new BengalError('malformed-annotation', message, { where, cure });
    return { resource: { ...resource, metadata: { ...resource.metadata, annotations } }, problem };
  }
  const metadata = {
    ...resource.metadata,
    labels: { ...resource.metadata.labels, ...own.labels },
    annotations: { ...annotations, ...own.annotations },
  };
  return { resource: { ...resource, metadata }, problem: undefined };
}

function readMetadata(text: string): Resource['metadata'] | undefined {
  try {
    const metadata: unknown = JSON.parse(text);
    if (!isObject(metadata)) return undefined;
    const { labels, annotations } = metadata;
    const read = asResource({
      apiVersion: '-',
      kind: '-',
      metadata: { name: '-', labels, annotations },
    });
    return 'fault' in read ? undefined : read.resource.metadata;
  } catch {
    return undefined;
  }
}
