import { type DatastoreListener, keyOf } from '../../src/datastore/datastore.ts';

/** Writes down what a datastore tells; `drain` gives the lines since the last time. */
export class RecordingListener implements DatastoreListener {
  #lines: string[] = [];

  put(resource: Parameters<DatastoreListener['put']>[0]): void {
    this.#lines.push(`put ${keyOf(resource)}`);
  }

  delete(key: string): void {
    this.#lines.push(`delete ${key}`);
  }

  synchronised(): void {
    this.#lines.push('synchronised');
  }

  lostSync(): void {
    this.#lines.push('lost sync');
  }

  problem(error: Parameters<DatastoreListener['problem']>[0]): void {
    this.#lines.push(`problem ${error.describe()}`);
  }

  resolved(where: string): void {
    this.#lines.push(`resolved ${where}`);
  }

  disconnected(): void {
    this.#lines.push('disconnected');
  }

  connected(): void {
    this.#lines.push('connected');
  }

  drain(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
