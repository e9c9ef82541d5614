import type { BengalError } from '../runtime/error.ts';

/** An object as stored: the Calico v3 or core Kubernetes shape, untouched. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  /** Parts beside `spec`: a core Node's or Service's status, a Secret's data, an EndpointSlice's. */
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly addressType?: string;
  readonly endpoints?: readonly unknown[];
}

/** `kind/namespace/name`, namespace empty for cluster-scoped kinds: an object's identity. */
export function keyOf({ kind, metadata }: Resource): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

export interface DatastoreListener {
  put(resource: Resource): void;
  delete(key: string): void;
  /** All kinds were read whole; comes again after each loss. Nothing may be derived before it. */
  synchronised(): void;
  /** The view may be stale from now on; the last good state stays in force. */
  lostSync(reason: string): void;
  /** An object that could not be taken, named in `error.where`; the others are not affected. */
  problem(error: BengalError): void;
  /** A problem of `where` is over. */
  resolved(where: string): void;
  /** It does not answer; the view may count as current for a while without. */
  disconnected?(): void;
  /** It answers again. */
  connected?(): void;
}

/** A datastore of CalicoNodeStatus objects, whose status this process writes. */
export interface StatusDatastore extends Datastore {
  /** Lays parts over the status of an object as it stands; one that is gone is left alone. */
  putStatus(name: string, parts: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Where configuration comes from; files, Kubernetes and etcd all look like this. */
export interface Datastore {
  /** A snapshot of everything, then changes, until `stop`, which is final. */
  start(listener: DatastoreListener): void;
  stop(): void;
}
