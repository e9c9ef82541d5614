import { Agent, type AgentOptions } from '../../src/agent/agent.ts';
import { NodeDerivation } from '../../src/confd/derive.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import { type DatastoreListener, keyOf, type Resource } from '../../src/datastore/datastore.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { RecordingLogger } from '../cli/recording-logger.ts';

export const calico = (kind: string, name: string, spec: Resource['spec'] = {}): Resource => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, labels: {}, annotations: {} },
  spec,
});

/** Node `node-N` with the address 10.0.0.N. */
export const node = (number: number, address = `10.0.0.${number}`): Resource =>
  calico('Node', `node-${number}`, { bgp: { ipv4Address: `${address}/24` } });

export const nodes = (count: number): readonly Resource[] =>
  Array.from({ length: count }, (_, index) => node(index + 1));

/** An agent for node-1 on a datastore that the test plays, in virtual time. */
export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly log: RecordingLogger = new RecordingLogger();
  readonly applied: SpeakerConfig[] = [];
  readonly agent: Agent;
  #listener: DatastoreListener | undefined;

  constructor(options: Partial<AgentOptions> = {}) {
    const derivation = new NodeDerivation('node-1', {});
    this.agent = new Agent({
      datastore: {
        start: (listener) => {
          this.#listener = listener;
        },
        stop: () => {},
      },
      derive: (resources) => derivation.derive(resources),
      speaker: { apply: (config) => this.applied.push(config) },
      clock: this.clock,
      logger: this.log,
      probe: silentProbe,
      ...options,
    });
    this.agent.start();
  }

  get listener(): DatastoreListener {
    if (this.#listener === undefined) throw new Error('the agent did not start its datastore');
    return this.#listener;
  }

  /** Everything is there and in force. */
  synchronise(...resources: readonly Resource[]): void {
    this.put(...resources);
    this.listener.synchronised();
    this.clock.advance(1);
  }

  put(...resources: readonly Resource[]): void {
    for (const resource of resources) this.listener.put(resource);
    this.clock.advance(1);
  }

  delete(...resources: readonly Resource[]): void {
    for (const resource of resources) this.listener.delete(keyOf(resource));
    this.clock.advance(1);
  }

  /** Names of the peers in force. */
  get peers(): readonly string[] {
    return (this.applied.at(-1)?.peers ?? []).map(({ name }) => name);
  }

  get messages(): readonly string[] {
    return this.log.entries.map(({ msg }) => msg);
  }
}
