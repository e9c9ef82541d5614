import { type DatastoreListener, keyOf, type Resource } from '../../src/datastore/datastore.ts';
import type { BengalError } from '../../src/runtime/error.ts';

/** What a listener knows of a datastore, and how often it was told. */
export class Mirror implements DatastoreListener {
  readonly resources: Map<string, Resource> = new Map();
  readonly problems: Map<string, BengalError> = new Map();
  /** Every put in order: the key and the AS number of its spec. */
  readonly puts: { readonly key: string; readonly asn: unknown }[] = [];
  /** Keys at the moment of each `synchronised`. */
  readonly snapshots: (readonly string[])[] = [];
  /** Call-backs of any kind. */
  calls = 0;
  inSync = false;

  put(resource: Resource): void {
    this.calls++;
    const key = keyOf(resource);
    this.resources.set(key, resource);
    this.puts.push({ key, asn: resource.spec['asNumber'] });
  }

  delete(key: string): void {
    this.calls++;
    if (!this.resources.delete(key)) throw new Error(`${key} is deleted but was never there`);
  }

  synchronised(): void {
    this.calls++;
    this.inSync = true;
    this.snapshots.push([...this.resources.keys()].sort());
  }

  lostSync(): void {
    this.calls++;
    this.inSync = false;
  }

  problem(error: BengalError): void {
    this.calls++;
    this.problems.set(error.where ?? '', error);
  }

  resolved(where: string): void {
    this.calls++;
    this.problems.delete(where);
  }

  /** AS numbers by name. */
  get asns(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      [...this.resources.values()].map(({ metadata, spec }) => [metadata.name, spec['asNumber']]),
    );
  }
}
