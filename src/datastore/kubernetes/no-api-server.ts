import { BengalError } from '../../runtime/error.ts';
import type { Datastore, DatastoreListener } from '../datastore.ts';
import type { WantedKind } from './kinds.ts';

const WHERE = 'Kubernetes API server';

/** Stands where the environment names no API server: has nothing, and says so when it is asked for. */
export class NoApiServer implements Datastore {
  #listener: DatastoreListener | undefined;
  #missed = '';

  start(listener: DatastoreListener): void {
    this.#listener = listener;
    listener.synchronised();
  }

  /** What a derivation asks for counts as absent. */
  need(wanted: readonly WantedKind[]): void {
    const missed = [...new Set(wanted.map(({ kind }) => `${kind}s`))].sort().join(', ');
    if (missed === this.#missed) return;
    this.#missed = missed;
    if (missed === '') this.#listener?.resolved(WHERE);
    else this.#listener?.problem(absent(missed));
  }

  stop(): void {
    this.#listener = undefined;
  }
}

const absent = (missed: string): BengalError =>
  new BengalError('api-unknown', `none is named, so that ${missed} count as absent`, {
    where: WHERE,
    cure: 'Set KUBECONFIG, or run in a pod',
  });
