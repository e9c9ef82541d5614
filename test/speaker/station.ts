import { Bfd } from '../../src/bfd/bfd.ts';
import { Engine } from '../../src/bfd/engine.ts';
import { BfdMemoryNetwork } from '../../src/bfd/memory-network.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import { MemoryFib } from '../../src/kernel/memory-fib.ts';
import { MemoryKernel } from '../../src/kernel/memory-kernel.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import type { PathInfo } from '../../src/rib/types.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { ProbeSet } from '../../src/runtime/probe-set.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { OwnAddress } from '../../src/speaker/own-addresses.ts';
import type { Peer } from '../../src/speaker/peer.ts';
import { stateName } from '../../src/speaker/report-peer.ts';
import { type HeldPeer, Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { RawPeer, type RawPeerOptions } from './raw-peer.ts';
import { ShakyClock } from './shaky-clock.ts';

export const SPEAKER_ADDRESS = '10.0.0.1';
export const SPEAKER_ADDRESS_V6 = 'fd00::1';
export const SECOND_ADDRESS = '10.0.0.99';
export const OWN_ASN = 64512;

export const SPEAKER_LINK_LOCAL = 'fe80::1';

const OWN_ADDRESSES = [SPEAKER_ADDRESS, SECOND_ADDRESS, SPEAKER_ADDRESS_V6, SPEAKER_LINK_LOCAL];

/** The written form of a peer in few words. */
export const peerAt = (address: string, over: object = {}): object => ({
  name: `p${address}`,
  address,
  asn: OWN_ASN,
  ...over,
});

/** A speaker under test at 10.0.0.1 and its scripted peers, in virtual time. */
export class Station {
  readonly clock: VirtualClock = new VirtualClock();
  /** The speaker's own, beside the world's. */
  readonly ownClock: ShakyClock = new ShakyClock(this.clock);
  /** Addresses that the machine has on the network. */
  readonly addresses: string[] = [...OWN_ADDRESSES];
  readonly network: MemoryNetwork;
  readonly fib: MemoryFib = new MemoryFib();
  readonly bfdNetwork: BfdMemoryNetwork = new BfdMemoryNetwork({ clock: this.clock });
  /** Session steps and kernel events, without their times. */
  readonly log: string[] = [];
  /** Called whenever the speaker says that something moved. */
  changed: () => void = () => {};
  readonly probes: ProbeSet = new ProbeSet();
  readonly #transport: ReturnType<MemoryNetwork['host']>;
  /** Addresses that a speaker without FIB has. */
  hostAddresses: readonly OwnAddress[] = OWN_ADDRESSES.map((address) => ({
    interface: 'eth0',
    address,
  }));
  #speaker: Speaker | undefined;
  #bfd: Bfd | undefined;

  constructor() {
    this.network = new MemoryNetwork({ clock: this.clock, random: seededRandom(1) });
    this.#transport = this.network.host(this.addresses);
    this.probes.add({
      sessionStep: (peer, from, to) => this.log.push(`${peer} ${from} ${to}`),
      kernelEvent: (action, prefix, reason) => this.log.push(`fib ${action} ${prefix} ${reason}`),
    });
    this.fib.setLink('eth0', true);
    this.fib.addAddress('eth0', `${SPEAKER_ADDRESS}/24`);
    this.fib.addAddress('eth0', `${SECOND_ADDRESS}/24`);
    this.fib.addAddress('eth0', `${SPEAKER_ADDRESS_V6}/64`);
    this.fib.addAddress('eth0', `${SPEAKER_LINK_LOCAL}/64`);
  }

  get speaker(): Speaker {
    if (this.#speaker === undefined) throw new Error('the speaker does not run');
    return this.#speaker;
  }

  /** Starts a process; the FIB is the one that the last process left. */
  start(config: object, held: readonly HeldPeer[] = []): void {
    this.#bfd = this.#startBfd();
    this.#speaker = new Speaker({
      clock: this.ownClock,
      bfd: this.#bfd,
      random: seededRandom(5),
      logger: silentLogger,
      probe: this.probes,
      transport: this.#transport,
      openKernel: () => new MemoryKernel(this.fib, this.clock),
      hostAddresses: () => this.hostAddresses,
      changed: () => this.changed(),
    });
    this.apply(config, held);
    this.clock.advance(5);
  }

  apply(config: object, held: readonly HeldPeer[] = []): void {
    this.speaker.apply(resolved(config), held);
  }

  /** As SIGKILL: nothing is sent, the FIB stays. */
  stop(): void {
    this.speaker.stop();
    this.#speaker = undefined;
    this.bfdNetwork.vacate([SPEAKER_ADDRESS]);
  }

  /** As SIGTERM: BFD says that this is no failure. */
  leave(): Promise<void> {
    this.speaker.stop();
    this.#speaker = undefined;
    return this.#bfd?.close() ?? Promise.resolve();
  }

  #startBfd(): Bfd {
    const network = this.bfdNetwork.host([SPEAKER_ADDRESS]);
    const { clock } = this;
    const random = seededRandom(this.clock.now() + 7);
    return new Bfd((report) => new Engine({ clock, random, network, report }), clock);
  }

  raw(address: string, over: Partial<RawPeerOptions> = {}): RawPeer {
    const last = Number(address.split(/[.:]/).at(-1));
    return new RawPeer(this.network, {
      address,
      asn: OWN_ASN,
      speakerAsn: OWN_ASN,
      routerId: 0x0a000000 + last,
      families: ['ipv4-unicast', 'ipv6-unicast'],
      holdTime: 90,
      restart: undefined,
      restartTime: 120,
      more: [],
      ...over,
    });
  }

  /** A scripted peer with an established session, that it dialled. */
  established(
    address: string,
    over: Partial<RawPeerOptions> = {},
    speaker: string = SPEAKER_ADDRESS,
  ): RawPeer {
    const peer = this.raw(address, over);
    peer.dial(speaker, 'answer');
    this.seconds(1);
    if (this.state(address) !== 'Established') throw new Error(`${address} is not established`);
    return peer;
  }

  peer(address: string): Peer {
    const peer = this.speaker.peers.find(({ config }) => config.address === address);
    if (peer === undefined) throw new Error(`no peer ${address}`);
    return peer;
  }

  state(address: string): string {
    return stateName(this.peer(address));
  }

  seconds(count: number): void {
    this.clock.advance(count * 1000);
  }

  /** Every path, as `prefix peer state reason`. */
  paths(): readonly string[] {
    return this.#routes()
      .map(({ prefix, peer = 'local', state, reason, stale }) =>
        [formatPrefix(prefix), peer, state, ...(stale ? ['stale'] : []), reason].join(' '),
      )
      .sort();
  }

  /** Prefixes with a best BGP path. */
  best(): readonly string[] {
    return this.#routes()
      .filter(({ state, source }) => state === 'best' && source === 'bgp')
      .map(({ prefix }) => formatPrefix(prefix))
      .sort();
  }

  #routes(): readonly PathInfo[] {
    const filter = { family: undefined, peer: undefined, filtered: false, prefix: undefined };
    return [...(this.speaker.rib?.routes({ ...filter, view: 'table' }) ?? [])];
  }

  /** Our routes in the FIB, as `prefix via gateway dev interface metric N`. */
  programmed(): readonly string[] {
    return this.fib
      .routes()
      .filter(({ protocol }) => protocol === 12)
      .map(({ prefix, type, nextHops, metric }) => {
        const ways = nextHops.map(
          (hop) =>
            `via ${hop.gateway ?? 'link'} dev ${hop.interface}${hop.onlink ? ' onlink' : ''}`,
        );
        return [formatPrefix(prefix), ...(type === 'unicast' ? ways : [type]), `metric ${metric}`];
      })
      .map((words) => words.join(' '))
      .sort();
  }
}

export function resolved(config: object): SpeakerConfig {
  const outcome = resolveConfig({
    asn: OWN_ASN,
    routerId: SPEAKER_ADDRESS,
    listen: [{ address: '0.0.0.0', port: 179 }],
    kernel: false,
    ...config,
  });
  if ('errors' in outcome) throw new Error(JSON.stringify(outcome.errors));
  return outcome.config;
}
