import { isObject } from '../resources/schema.ts';
import type { ApiClient } from './api-client.ts';
import { ApiFailure } from './failure.ts';

/** Where Calico's objects are: in its own CRDs, or in those that have the shape of its API. */
export type CalicoGroup = 'crd.projectcalico.org/v1' | 'projectcalico.org/v3';

const CRD: CalicoGroup = 'crd.projectcalico.org/v1';
const NATIVE: CalicoGroup = 'projectcalico.org/v3';

export const isCalicoGroup = (text: string): text is CalicoGroup => text === CRD || text === NATIVE;

/** The API group of this cluster, asked for once and again when it turns out to be wrong. */
export class CalicoGroupFinder {
  readonly #client: ApiClient;
  readonly #forced: CalicoGroup | undefined;
  #asked: Promise<CalicoGroup> | undefined;

  constructor(client: ApiClient, forced: CalicoGroup | undefined) {
    this.#client = client;
    this.#forced = forced;
  }

  find(signal: AbortSignal): Promise<CalicoGroup> {
    if (this.#forced !== undefined) return Promise.resolve(this.#forced);
    return this.#asked ?? this.findAgain(signal);
  }

  /** Asks anew; rejects when it is no Kubernetes API server that answers: its 404 means nothing. */
  findAgain(signal: AbortSignal): Promise<CalicoGroup> {
    this.#asked = this.#discover(signal);
    this.#asked.catch(() => this.#forget());
    return this.#forced === undefined ? this.#asked : this.#asked.then(() => this.find(signal));
  }

  #forget(): void {
    this.#asked = undefined;
  }

  /**
   * The native group only where the other is absent: with both, an aggregated server stands in front
   * of the CRDs. An account that may not look uses the CRDs, as Calico does.
   */
  async #discover(signal: AbortSignal): Promise<CalicoGroup> {
    try {
      const names = groupNames(
        await this.#client.json({ path: '/apis', subject: 'API groups', signal }),
      );
      return names.has('projectcalico.org') && !names.has('crd.projectcalico.org') ? NATIVE : CRD;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (error.code === 'api-forbidden') return CRD;
      throw error.code === 'api-kind-missing'
        ? new ApiFailure('api-not-json', 'API groups', error.message)
        : error;
    }
  }
}

function groupNames(answer: unknown): ReadonlySet<unknown> {
  const groups = isObject(answer) ? answer['groups'] : undefined;
  if (!Array.isArray(groups))
    throw new ApiFailure('api-not-json', 'API groups', 'it lists no groups');
  return new Set(groups.map((group) => (isObject(group) ? group['name'] : undefined)));
}
