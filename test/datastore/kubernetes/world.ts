import { afterEach, beforeEach, expect } from 'vitest';
import { keyOf, type Resource } from '../../../src/datastore/datastore.ts';
import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { WATCHED_KINDS } from '../../../src/datastore/kubernetes/kinds.ts';
import {
  KubernetesDatastore,
  type KubernetesDatastoreOptions,
} from '../../../src/datastore/kubernetes/kubernetes-datastore.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { RecordingListener } from '../recording-listener.ts';
import { HastyClock } from './hasty-clock.ts';
import { StandIn } from './stand-in.ts';
import type { Written } from './stand-in-store.ts';

/** For whatever is waited for; never reached when all is well. */
export const GENEROUS: { readonly timeout: number } = { timeout: 20_000 };

export const node = (name: string, address: string, more: object = {}): Written => ({
  metadata: {
    name,
    labels: { 'kubernetes.io/hostname': name },
    annotations: { 'projectcalico.org/IPv4Address': address },
  },
  spec: { podCIDRs: ['10.1.0.0/24'], taints: [] },
  ...more,
});

export const peer = (name: string, asNumber: number, metadata: object = {}): Written => ({
  kind: 'BGPPeer',
  apiVersion: 'crd.projectcalico.org/v1',
  metadata: { name, ...metadata },
  spec: { peerIP: '10.0.0.254', asNumber },
});

/** Keeps what a datastore told: the objects that stand, and all lines. */
class Keeper extends RecordingListener {
  readonly objects: Map<string, Resource> = new Map();
  readonly lines: string[] = [];

  override put(resource: Resource): void {
    this.objects.set(keyOf(resource), resource);
    super.put(resource);
  }

  override delete(key: string): void {
    this.objects.delete(key);
    super.delete(key);
  }

  /** All lines so far. */
  all(): readonly string[] {
    this.lines.push(...this.drain());
    return this.lines;
  }

  count(line: string): number {
    return this.all().filter((at) => at === line).length;
  }
}

/** A stand-in with a Node `a` and a BGPPeer `tor`, and a datastore on it; new for each test. */
export class World {
  api: StandIn = new StandIn();
  clock: HastyClock = new HastyClock();
  listener: Keeper = new Keeper();
  store: KubernetesDatastore | undefined;

  constructor() {
    beforeEach(async () => {
      this.api = await new StandIn().listen();
      this.clock = new HastyClock();
      this.listener = new Keeper();
      this.store = undefined;
      this.api.store.put('nodes', node('a', '10.0.0.1/24'));
      this.api.store.put('bgppeers', peer('tor', 65001));
    });
    afterEach(async () => {
      this.store?.stop();
      await this.api.close();
    });
  }

  open(options: Partial<KubernetesDatastoreOptions> = {}): KubernetesDatastore {
    this.store = new KubernetesDatastore({
      access: options.access ?? fileAccess({ server: this.api.url }),
      clock: this.clock,
      random: seededRandom(7),
      ...options,
      timing: { lostAfter: 100, ...options.timing },
    });
    return this.store;
  }

  /** Opens the datastore and waits until it is in sync. */
  async start(options: Partial<KubernetesDatastoreOptions> = {}): Promise<void> {
    const before = this.listener.count('synchronised');
    this.open(options).start(this.listener);
    await this.told('synchronised', before + 1);
  }

  /** Waits until the datastore has told a line so many times. */
  told(line: string | RegExp, times = 1): Promise<void> {
    const fits = (at: string): boolean => (typeof line === 'string' ? at === line : line.test(at));
    const lines = (): true | readonly string[] => {
      const all = this.listener.all();
      return all.filter(fits).length >= times || all;
    };
    return expect.poll(lines, GENEROUS).toBe(true);
  }

  /** Waits until every kind is watched. */
  watching(): Promise<void> {
    return expect.poll(() => new Set(this.api.watched).size, GENEROUS).toBe(WATCHED_KINDS.length);
  }

  asnOf(name: string): unknown {
    return this.listener.objects.get(`BGPPeer//${name}`)?.spec['asNumber'];
  }
}
