import { describeProblem, resolveConfig } from '../../config/resolve.ts';
import type { PeerConfig, SpeakerConfig } from '../../config/types.ts';
import {
  type AddressBytes,
  formatAddress,
  formatIpv4Number,
  isLinkLocal,
} from '../../net/address.ts';
import { FAMILIES } from '../../net/family.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { Rib } from '../../rib/rib.ts';
import type { RibPeer, RibSession } from '../../rib/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import { silentProbe } from '../../runtime/probe.ts';
import { seededRandom } from '../../runtime/random.ts';
import { SlicedWork } from '../../runtime/sliced-work.ts';
import { Routing } from '../../speaker/routing.ts';
import { MessageError } from '../../wire/errors.ts';
import { frameLength, messageTypeAt } from '../../wire/header.ts';
import { MAX_EXTENDED_MESSAGE, OPEN, UPDATE } from '../../wire/message.ts';
import { decodeOpen } from '../../wire/open.ts';
import type { SessionRecord } from './bgp4mp.ts';
import { ContentReader, type MrtContent, mrtCodec, ownPeer } from './contents.ts';
import type { Pace } from './pace.ts';
import { malformed, readRecords } from './record.ts';

/** A session of the file. */
interface Feeder {
  readonly address: AddressBytes;
  readonly remoteAsn: number;
  readonly localAsn: number;
  readonly remoteId: number;
  readonly as4: boolean;
  readonly addPath: boolean;
}

const DEFAULT_ROUTER_ID = '192.0.2.1';
const DEFAULT_ASN = 65535;

/** A RIB that is fed from MRT files: one without sockets, or that of a speaker which tells its peers. */
export class OfflineRib {
  readonly #clock: Clock;
  readonly #given: SpeakerConfig | undefined;
  readonly #live: Rib | undefined;
  readonly #reader = new ContentReader();
  readonly #peers = new Map<string, RibPeer>();
  /** BGP identifiers by address, as the last OPEN said. */
  readonly #ids = new Map<string, number>();
  #config: SpeakerConfig | undefined;
  #routing: Routing | undefined;
  /** Messages that end a session or are cut short; nothing was taken from them. */
  refused = 0;

  /** Without a configuration every route is accepted, and the file says whose AS number is ours. */
  constructor(clock: Clock, config: SpeakerConfig | undefined, live?: Rib) {
    this.#clock = clock;
    this.#given = config;
    this.#live = live;
  }

  /** Undefined before anything was fed that has routes. */
  get rib(): Rib | undefined {
    return this.#live ?? this.#routing?.rib;
  }

  /**
   * Takes a whole file, each record when it is due, and decides. Throws a BengalError for what is
   * not MRT.
   */
  async feed(chunks: AsyncIterable<Buffer>, pace?: Pace): Promise<void> {
    for await (const record of readRecords(chunks)) {
      await pace?.(record.time);
      for (const content of this.#reader.read(record)) this.#take(content);
    }
    while (this.#live === undefined && this.rib?.idle === false) {
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
  }

  #take(content: MrtContent): void {
    switch (content.type) {
      case 'peers': {
        const own = ownPeer(content.index);
        const id = content.index.collectorId;
        this.#begin(own?.asn ?? DEFAULT_ASN, id === 0 ? DEFAULT_ROUTER_ID : formatIpv4Number(id));
        return;
      }
      case 'route':
        this.#route(content);
        return;
      case 'session':
        this.#session(content.record);
        return;
      case 'other':
        return;
    }
  }

  #route({ peer, own, prefix, addPath, update }: Extract<MrtContent, { type: 'route' }>): void {
    const { rib, asn } = this.#begin(DEFAULT_ASN, DEFAULT_ROUTER_ID);
    if (own) {
      rib.putLocal(formatPrefix(prefix), {
        source: 'static',
        prefix,
        type: 'unicast',
        gateway: undefined,
        interface: '',
        metric: undefined,
        preference: undefined,
        announce: true,
      });
      return;
    }
    const { address, bgpId, asn: remoteAsn } = peer;
    const feeder = { address, remoteAsn, localAsn: asn, remoteId: bgpId, as4: true, addPath };
    this.#update(feeder, update);
  }

  #session(record: SessionRecord): void {
    const { remote: address, remoteAsn, localAsn } = record;
    this.#begin(localAsn, DEFAULT_ROUTER_ID);
    const text = formatAddress(address);
    if (record.type === 'state') {
      if (record.from === 'established') this.#lose(text);
      return;
    }
    const { bytes, direction, as4, addPath } = record;
    if (direction === 'out') return;
    if (frameLength(bytes, 0, bytes.length, MAX_EXTENDED_MESSAGE) !== bytes.length) {
      this.refused++;
      return;
    }
    const type = messageTypeAt(bytes, 0);
    if (type === OPEN) this.#open(text, bytes);
    if (type !== UPDATE) return;
    const remoteId = this.#ids.get(text) ?? 0;
    this.#update({ address, remoteAsn, localAsn, remoteId, as4, addPath }, bytes);
  }

  #open(address: string, bytes: Buffer): void {
    try {
      this.#ids.set(address, decodeOpen(bytes, 0, bytes.length).bgpId);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.refused++;
    }
  }

  #update(feeder: Feeder, bytes: Buffer): void {
    const outcome = this.#peer(feeder).receiveUpdate(bytes, 0, bytes.length);
    if (outcome.reset !== undefined) this.refused++;
  }

  #lose(address: string): void {
    for (const [key, peer] of this.#peers) {
      if (key.split(' ')[0] !== address) continue;
      peer.remove();
      this.#peers.delete(key);
    }
  }

  /** One peer for each form of message that an address sends. */
  #peer(feeder: Feeder): RibPeer {
    const { address, as4, addPath } = feeder;
    const marks = [...(addPath ? ['add-path'] : []), ...(as4 ? [] : ['2-octet'])];
    const name = [formatAddress(address), ...marks].join(' ');
    const known = this.#peers.get(name);
    if (known !== undefined) return known;
    const { routing } = this.#begin(feeder.localAsn, DEFAULT_ROUTER_ID);
    const rib = this.#live ?? routing.rib;
    const peer = rib.addPeer(name, routing.peerSettings(this.#configOf(feeder)));
    peer.up(sessionOf(feeder, this.#live === undefined ? undefined : 'ebgp'));
    this.#peers.set(name, peer);
    return peer;
  }

  #configOf({ address, remoteAsn, localAsn }: Feeder): PeerConfig {
    const text = formatAddress(address);
    const given = this.#given?.peers.find((peer) => peer.address === text);
    if (given !== undefined) return given;
    const peer = {
      name: text,
      address: text,
      asn: remoteAsn,
      localAsn,
      importPolicy: 'accept',
      exportPolicy: 'reject',
      asSet: 'accept',
      ...(isLinkLocal(address) && { interface: 'eth0' }),
    };
    const { peers } = configOf({ asn: localAsn, routerId: DEFAULT_ROUTER_ID, peers: [peer] });
    return peers[0] as PeerConfig;
  }

  /** The RIB under the configuration given, or one with this identity if there is none yet. */
  #begin(asn: number, routerId: string): { routing: Routing; rib: Rib; asn: number } {
    if (this.#routing === undefined) {
      this.#config = this.#given ?? configOf({ asn, routerId });
      this.#routing = new Routing(
        { ...this.#config, kernel: undefined },
        {
          clock: this.#clock,
          work: new SlicedWork(this.#clock),
          random: seededRandom(1),
          probe: silentProbe,
        },
      );
    }
    return {
      routing: this.#routing,
      rib: this.#live ?? this.#routing.rib,
      asn: this.#config?.asn ?? asn,
    };
  }
}

/** What came from any peer may be told to all peers where `told` is `ebgp`. */
function sessionOf(feeder: Feeder, told: RibSession['kind'] | undefined): RibSession {
  const { address, remoteAsn, localAsn, remoteId, as4, addPath } = feeder;
  const kind = remoteAsn === localAsn ? 'ibgp' : 'ebgp';
  return {
    kind: told ?? kind,
    localAsn,
    remoteAsn,
    role: undefined,
    remoteId,
    remoteAddress: address,
    interface: '',
    families: FAMILIES,
    receive: mrtCodec(as4, addPath, kind),
    send: mrtCodec(true, false, kind),
    longLived: false,
    enhancedRefresh: false,
    ownNextHop: {},
    output: { write: () => true },
  };
}

function configOf(written: object): SpeakerConfig {
  const outcome = resolveConfig(written);
  if ('config' in outcome) return outcome.config;
  throw malformed(`a session of the file: ${outcome.errors.map(describeProblem).join('; ')}`);
}
