import { Bfd } from '../../src/bfd/bfd.ts';
import { Engine } from '../../src/bfd/engine.ts';
import { BfdMemoryNetwork } from '../../src/bfd/memory-network.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { MemoryFib } from '../../src/kernel/memory-fib.ts';
import { MemoryKernel } from '../../src/kernel/memory-kernel.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { type Probe, silentProbe } from '../../src/runtime/probe.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { stateName } from '../../src/speaker/report-peer.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import type { Transport } from '../../src/transport/transport.ts';

/** Milliseconds between two looks at every FIB. */
const WATCH = 50;

/** One machine of the simulation. Its FIB outlives the speaker, as a kernel does. */
export interface Host {
  readonly name: string;
  readonly address: string;
  /** Written form of the speaker's configuration. */
  readonly config: object;
  readonly fib: MemoryFib;
  readonly transport: Transport;
  bfd: Bfd | undefined;
  speaker: Speaker | undefined;
}

/** A whole network of speakers in one process and in virtual time; everything follows the seed. */
export class Cluster {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly bfdNetwork: BfdMemoryNetwork = new BfdMemoryNetwork({ clock: this.clock });
  readonly hosts: Map<string, Host> = new Map();
  /** What happened, with its virtual time. */
  readonly log: string[] = [];
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: seededRandom(seed),
      latency: 1,
      jitter: 3,
      segments: 'random',
    });
  }

  /** A machine on the common network 10.0.0.0/24. */
  add(name: string, address: string, config: object): Host {
    const fib = new MemoryFib();
    fib.setLink('eth0', true);
    fib.addAddress('eth0', `${address}/24`);
    const transport = this.network.host([address]);
    const host: Host = {
      name,
      address,
      config,
      fib,
      transport,
      bfd: undefined,
      speaker: undefined,
    };
    this.hosts.set(name, host);
    return host;
  }

  start(host: Host): void {
    const resolved = resolveConfig(host.config);
    if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
    const { clock } = this;
    const random = seededRandom(this.#seed + host.name.length + host.address.length);
    const network = this.bfdNetwork.host([host.address]);
    const bfdRandom = seededRandom(random.u32() + clock.now());
    host.bfd = new Bfd(
      (report) => new Engine({ clock, random: bfdRandom, network, report }),
      clock,
    );
    host.speaker = new Speaker({
      clock,
      random,
      bfd: host.bfd,
      logger: silentLogger,
      probe: this.#probe(host.name),
      transport: host.transport,
      openKernel: () => new MemoryKernel(host.fib, this.clock),
    });
    host.speaker.apply(resolved.config);
  }

  /** As SIGKILL: sockets close, the FIB stays. */
  kill(host: Host): void {
    this.bfdNetwork.vacate([host.address]);
    host.speaker?.stop();
    void host.bfd?.close();
    host.speaker = undefined;
  }

  /** Every configured session of every running speaker is Established. */
  get established(): boolean {
    return [...this.hosts.values()].every(({ speaker }) =>
      (speaker?.peers ?? []).every((peer) => stateName(peer) === 'Established'),
    );
  }

  /** Collects what `look` finds, each line once, from now on and every 50 ms of virtual time. */
  watch(look: () => readonly string[]): ReadonlySet<string> {
    const seen = new Set<string>();
    const glance = (): void => {
      for (const line of look()) seen.add(line);
      this.clock.setTimer('watch', WATCH, glance);
    };
    glance();
    return seen;
  }

  /** Gateway of the FIB's route to an address; undefined when there is none. */
  gateway(host: Host, address: string): string | undefined {
    return host.fib.lookup(address)?.nextHops[0]?.gateway;
  }

  #probe(name: string): Probe {
    const note = (text: string): void => {
      this.log.push(`${this.clock.now().toFixed(3)} ${name} ${text}`);
    };
    return {
      ...silentProbe,
      sessionStep: (peer, from, to, reason) => note(`${peer}: ${from} -> ${to}: ${reason}`),
      watchesKernel: true,
      kernelEvent: (action, prefix, reason) => note(`fib ${action} ${prefix} ${reason}`),
    };
  }
}
