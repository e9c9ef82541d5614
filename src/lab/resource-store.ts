import type { Resource } from '../datastore/datastore.ts';
import type { Namespace } from './namespaces.ts';

/** How a daemon reaches the resources. */
export interface Access {
  /** Options of its command line. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where the members of a lab in namespaces read their resources. */
export interface ResourceStore {
  /** How a person may look into it, in a few words. */
  readonly hint: string;
  /** Creates or replaces objects. */
  apply(resources: readonly Resource[]): Promise<void>;
  /** Deletes an object by its key. */
  delete(key: string): Promise<void>;
  /** Makes it reachable from a namespace. */
  open(namespace: Namespace): Promise<Access>;
  close(): void;
}
