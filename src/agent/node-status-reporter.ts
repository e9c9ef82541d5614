import type { DatastoreListener, Resource, StatusDatastore } from '../datastore/datastore.ts';
import { keyOf } from '../datastore/datastore.ts';
import { readResource } from '../datastore/resources/read.ts';
import type { BengalError } from '../runtime/error.ts';
import { NodeStatusReport, type ReportOptions } from './node-status-report.ts';

export interface NodeStatusReporterOptions extends ReportOptions {
  /** Whose status it is. */
  readonly node: string;
  readonly store: StatusDatastore;
}

/** Answers the CalicoNodeStatus objects that ask for this node, as calico-node's reporter does. */
export class NodeStatusReporter implements DatastoreListener {
  readonly #options: NodeStatusReporterOptions;
  readonly #reports = new Map<string, NodeStatusReport>();

  constructor(options: NodeStatusReporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.store.start(this);
  }

  /** Looks at everything now, period or not. */
  refresh(): void {
    for (const report of this.#reports.values()) report.refresh();
  }

  stop(): void {
    this.#options.store.stop();
    for (const report of this.#reports.values()) report.stop();
  }

  put(resource: Resource): void {
    const key = keyOf(resource);
    const { view, problems } = readResource(resource);
    if (view?.kind !== 'CalicoNodeStatus' || view.node !== this.#options.node) {
      this.delete(key);
      if (resource.spec['node'] === this.#options.node && problems.length > 0)
        this.#options.logger.warn({ problems }, 'node status is not reported');
      return;
    }
    const report = this.#reports.get(key);
    if (report !== undefined) report.take(view);
    else this.#reports.set(key, new NodeStatusReport(view, this.#options));
  }

  delete(key: string): void {
    this.#reports.get(key)?.stop();
    this.#reports.delete(key);
  }

  synchronised(): void {}

  /** The requests that are known are answered on. */
  lostSync(): void {}

  problem(error: BengalError): void {
    this.#options.logger.warn(
      { problem: error.describe() },
      'node status: problem of the datastore',
    );
  }

  resolved(where: string): void {
    this.#options.logger.info({ where }, 'node status: problem is over');
  }
}
