import { Agent } from '../agent/agent.ts';
import { Bfd } from '../bfd/bfd.ts';
import { Engine } from '../bfd/engine.ts';
import { BfdMemoryNetwork } from '../bfd/memory-network.ts';
import { NodeDerivation } from '../confd/derive.ts';
import { ReflectorDerivation } from '../confd/derive-reflector.ts';
import type { Environment } from '../confd/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import { MemoryDatastore } from '../datastore/memory-datastore.ts';
import type { KernelRoute } from '../kernel/kernel.ts';
import { MemoryFib } from '../kernel/memory-fib.ts';
import { MemoryKernel } from '../kernel/memory-kernel.ts';
import { type Prefix, parsePrefix } from '../net/prefix.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Random } from '../runtime/random.ts';
import { Speaker } from '../speaker/speaker.ts';
import { MemoryNetwork } from '../transport/memory-network.ts';
import type { Transport } from '../transport/transport.ts';
import { EVERY_NODE, type Member, planOf } from './plan.ts';

export interface ClusterOptions {
  readonly resources: readonly Resource[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly probe: Probe;
}

/**
 * A whole cluster in this process: every node and reflector that the resources describe, with a
 * kernel of its own, on one network in memory. With a virtual clock the same seed is the same run.
 */
export class Cluster {
  readonly network: MemoryNetwork;
  readonly bfdNetwork: BfdMemoryNetwork;
  readonly datastore: MemoryDatastore;
  readonly #machines: ReadonlyMap<string, Machine>;

  constructor(options: ClusterOptions) {
    const { clock, random, resources } = options;
    this.network = new MemoryNetwork({ clock, random });
    this.bfdNetwork = new BfdMemoryNetwork({ clock, random });
    this.datastore = new MemoryDatastore(resources);
    const { members } = planOf(resources);
    const world = { ...options, datastore: this.datastore, bfdNetwork: this.bfdNetwork };
    this.#machines = new Map(
      members.map((member) => {
        const addresses = member.addresses.map(({ address }) => address);
        const transport = this.network.host(addresses);
        return [member.name, new Machine(member, world, addresses, transport)];
      }),
    );
  }

  get machines(): Iterable<Machine> {
    return this.#machines.values();
  }

  machine(name: string): Machine | undefined {
    return this.#machines.get(name);
  }

  start(): void {
    for (const machine of this.machines) machine.start();
  }

  stop(): void {
    for (const machine of this.machines) machine.crash();
  }
}

const ENVIRONMENT: Environment = {};

interface World extends Omit<ClusterOptions, 'resources'> {
  readonly datastore: MemoryDatastore;
  readonly bfdNetwork: BfdMemoryNetwork;
}

interface Life {
  readonly agent: Agent;
  readonly bfd: Bfd;
  readonly speaker: Speaker;
}

/** A node or reflector: a kernel that stays, and a process that may come and go. */
export class Machine {
  readonly name: string;
  readonly role: Member['role'];
  readonly fib: MemoryFib;
  readonly #world: World;
  readonly #addresses: readonly string[];
  readonly #transport: Transport;
  #life: Life | undefined;

  constructor(member: Member, world: World, addresses: readonly string[], transport: Transport) {
    this.name = member.name;
    this.role = member.role;
    this.fib = kernelOf(member);
    this.#world = world;
    this.#addresses = addresses;
    this.#transport = transport;
  }

  /** Undefined while the process is down. */
  get speaker(): Speaker | undefined {
    return this.#life?.speaker;
  }

  /** Starts the process; it finds in its kernel what the one before it has left. */
  start(): void {
    const { clock, random, datastore, bfdNetwork, probe } = this.#world;
    const logger = this.#world.logger.child({ node: this.name });
    const network = bfdNetwork.host(this.#addresses);
    const bfd = new Bfd((report) => new Engine({ clock, random, network, report }), clock);
    const speaker = new Speaker({
      clock,
      random,
      logger,
      probe,
      transport: this.#transport,
      bfd,
      openKernel: () => new MemoryKernel(this.fib, clock),
    });
    const derivation = this.#derivation();
    const agent = new Agent({
      datastore: datastore.connect(),
      derive: (resources) => derivation.derive(resources),
      speaker,
      clock,
      logger,
      probe,
    });
    this.#life = { agent, bfd, speaker };
    agent.start();
  }

  /** Ends the process as a crash would look to its peers; the FIB stays. */
  crash(): void {
    this.#world.bfdNetwork.vacate(this.#addresses);
    void this.#life?.agent.stop();
    this.#life?.speaker.stop();
    void this.#life?.bfd.close();
    this.#life = undefined;
  }

  #derivation(): NodeDerivation | ReflectorDerivation {
    return this.role === 'reflector'
      ? new ReflectorDerivation({ node: this.name }, EVERY_NODE, ENVIRONMENT)
      : new NodeDerivation(this.name, ENVIRONMENT);
  }
}

/** A kernel with an Ethernet device, and a workload interface with its route for each pod. */
function kernelOf({ addresses, blocks }: Member): MemoryFib {
  const fib = new MemoryFib();
  fib.setLink('eth0', true);
  for (const { address, length } of addresses) fib.addAddress('eth0', `${address}/${length}`);
  const pods = blocks.flatMap((block) => block.pods);
  for (const [index, pod] of pods.entries()) {
    const prefix = parsePrefix(pod);
    if (prefix === undefined) continue;
    const device = `cali${index + 1}`;
    fib.setLink(device, true);
    fib.addAddress(device, `${pod}/${prefix.length}`);
    fib.add(workloadRoute(prefix, device));
  }
  return fib;
}

/** As Felix programs it: `PREFIX dev caliN proto 80 scope link metric 1024`. */
const workloadRoute = (prefix: Prefix, device: string): KernelRoute => ({
  prefix,
  type: 'unicast',
  nextHops: [{ gateway: undefined, interface: device, onlink: false, weight: 1 }],
  metric: 1024,
  protocol: 80,
  table: 254,
});
