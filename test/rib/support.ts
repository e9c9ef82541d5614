import { parseAddress } from '../../src/net/address.ts';
import type { Family } from '../../src/net/family.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts';
import { Rib } from '../../src/rib/rib.ts';
import type {
  LocalRoute,
  MessageKind,
  OutputPort,
  PathInfo,
  RibPeer,
  RibPeerSettings,
  RibSession,
  RouteFilter,
  UpdateOutcome,
} from '../../src/rib/types.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { SlicedWork } from '../../src/runtime/sliced-work.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { BgpRole } from '../../src/wire/capabilities/role.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { nlriEnd, readPathId, readPrefix } from '../../src/wire/nlri.ts';
import {
  type CodecContext,
  NO_ATTRIBUTES,
  type PathAttributes,
} from '../../src/wire/path-attributes.ts';
import { decodeRouteRefresh } from '../../src/wire/route-refresh.ts';
import { encodeUpdate, type Nlri } from '../../src/wire/update.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';

export const RUNS: { readonly numRuns: number } = {
  numRuns: Number(process.env['FC_RUNS'] ?? 100),
};

export const OWN_ASN = 64512;
export const ROUTER_ID = 0x0a000001;
export const CLUSTER_ID = 0xf4000001;

export const prefixOf = (text: string): Prefix => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is not a prefix`);
  return prefix;
};

export const addressOf = (text: string): Uint8Array => {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is not an address`);
  return address;
};

export const ACCEPT: CompiledPolicy = compilePolicy([], {}, 'accept', {
  kind: 'ibgp',
  ownNextHop: undefined,
  defaultMetric: 1024,
});

export const REJECT: CompiledPolicy = compilePolicy([], {}, 'reject', {
  kind: 'ibgp',
  ownNextHop: undefined,
  defaultMetric: 1024,
});

export const SETTINGS: RibPeerSettings = {
  reflectorClient: true,
  routeServerClient: false,
  nextHop: 'auto',
  allowOwnAs: 0,
  gracefulShutdown: false,
  drain: 'off',
  longLivedPartialDeployment: false,
  asSet: 'accept',
  prefixLimit: undefined,
  importPolicy: ACCEPT,
  exportPolicy: ACCEPT,
};

/** A path in few words; `attributes` are those of a plain internal route. */
export const attributes = (over: Partial<PathAttributes> = {}): PathAttributes => ({
  ...NO_ATTRIBUTES,
  origin: 'igp',
  asPath: [],
  nextHop: addressOf('10.0.0.9'),
  localPref: 100,
  ...over,
});

/** A clock on which every look takes most of a slice, so that bulk work stops at every look. */
export class HurriedClock extends VirtualClock {
  #spent = 0;
  /** Called at every look. */
  looked: () => void = () => {};

  override now(): number {
    this.looked();
    this.#spent += 3;
    return super.now() + this.#spent;
  }
}

export interface WorldOptions {
  /** False: no cluster id. */
  readonly reflects?: boolean;
  readonly resolveAll?: boolean;
  readonly clock?: VirtualClock;
}

/** A RIB in virtual time with peers whose sockets are tables. */
export class World {
  readonly clock: VirtualClock;
  readonly rib: Rib;
  /** Peers made so far. */
  created = 0;

  constructor(options: WorldOptions = {}) {
    const { reflects = true, resolveAll = true, clock = new VirtualClock() } = options;
    this.clock = clock;
    this.rib = new Rib({
      clock: this.clock,
      work: new SlicedWork(this.clock),
      random: seededRandom(7),
      probe: silentProbe,
      routerId: ROUTER_ID,
      clusterId: reflects ? CLUSTER_ID : undefined,
      preferences: { direct: 240, static: 200, bgp: 100, kernel: 10 },
      resolveAll,
    });
  }

  /** Lets everything that is due happen. */
  settle(): void {
    this.clock.advance(1);
  }

  /** Lets one turn of the event loop pass. */
  turn(): void {
    let over = false;
    this.clock.soon(() => {
      over = true;
    });
    this.clock.runUntil(() => over, 0);
  }

  peer(name: string, over: Partial<PeerOptions> = {}): Speaker {
    return new Speaker(this, name, over);
  }

  local(key: string, prefix: string, over: Partial<LocalRoute> = {}): void {
    this.rib.putLocal(key, {
      source: 'static',
      prefix: prefixOf(prefix),
      type: 'unicast',
      gateway: undefined,
      interface: '',
      metric: undefined,
      preference: undefined,
      announce: true,
      ...over,
    });
  }

  routes(over: Partial<RouteFilter> = {}): readonly PathInfo[] {
    const filter: RouteFilter = {
      family: undefined,
      view: 'table',
      peer: undefined,
      filtered: false,
      prefix: undefined,
      ...over,
    };
    return [...this.rib.routes(filter)];
  }

  /** Prefix and peer of every best path, sorted. */
  best(): readonly string[] {
    return this.routes()
      .filter(({ state }) => state === 'best')
      .map(({ prefix, peer = 'local' }) => `${formatPrefix(prefix)} ${peer}`)
      .sort();
  }
}

export interface PeerOptions {
  readonly kind: 'ibgp' | 'ebgp';
  readonly asn: number;
  /** What we are to it. */
  readonly role: BgpRole | undefined;
  readonly address: string;
  readonly id: number;
  readonly families: readonly Family[];
  readonly addPathSend: boolean;
  readonly addPathReceive: boolean;
  readonly as4: boolean;
  readonly enhancedRefresh: boolean;
  readonly longLived: boolean;
  readonly settings: Partial<RibPeerSettings>;
}

/** A peer as the RIB sees it, and what it would have in its own table by what it was sent. */
export class Speaker implements OutputPort {
  readonly rib: RibPeer;
  readonly session: RibSession;
  /** What the peer holds of us, by prefix and path id. */
  readonly table: Map<string, PathAttributes> = new Map();
  /** Every event in order, as `+10.0.0.0/8`, `-10.0.0.0/8`, `end`, `refresh 1`. */
  readonly log: string[] = [];
  readonly writes: Buffer[] = [];
  /** False makes every write the last before `drain`. */
  open = true;
  messages = 0;

  constructor(world: World, name: string, over: Partial<PeerOptions>) {
    const number = ++world.created;
    const kind = over.kind ?? 'ibgp';
    const families = over.families ?? ['ipv4-unicast'];
    const codec = (addPath: boolean): CodecContext => ({
      as4: over.as4 ?? true,
      kind,
      addPath: addPath ? families : [],
      families,
      maxMessage: 4096,
      extendedNextHop: false,
    });
    this.session = {
      kind,
      localAsn: OWN_ASN,
      remoteAsn: over.asn ?? OWN_ASN,
      role: over.role,
      remoteId: over.id ?? 0x0b000000 + number,
      remoteAddress: addressOf(over.address ?? `10.9.${number >> 8}.${number & 255}`),
      interface: '',
      families,
      receive: codec(over.addPathReceive ?? false),
      send: codec(over.addPathSend ?? false),
      longLived: over.longLived ?? false,
      enhancedRefresh: over.enhancedRefresh ?? false,
      ownNextHop: {
        'ipv4-unicast': addressOf('10.0.0.1'),
        'ipv6-unicast': addressOf('fd00::1'),
      },
      output: this,
    };
    this.rib = world.rib.addPeer(name, { ...SETTINGS, ...over.settings });
    this.rib.up(this.session);
  }

  announce(
    prefixes: readonly string[],
    over: Partial<PathAttributes> = {},
    pathId = 0,
  ): UpdateOutcome {
    const routes = prefixes.map((text): Nlri => ({ prefix: prefixOf(text), pathId }));
    const family: Family = prefixes[0]?.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast';
    const content = { type: 'announce', family, routes, attributes: attributes(over) } as const;
    return this.receive(encodeUpdate(content, this.session.receive));
  }

  withdraw(prefixes: readonly string[], pathId = 0): UpdateOutcome {
    const routes = prefixes.map((text): Nlri => ({ prefix: prefixOf(text), pathId }));
    const family: Family = prefixes[0]?.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast';
    return this.receive(encodeUpdate({ type: 'withdraw', family, routes }, this.session.receive));
  }

  receive(bytes: Buffer): UpdateOutcome {
    return this.rib.receiveUpdate(bytes, 0, bytes.length);
  }

  drain(): void {
    this.open = true;
    this.rib.drained();
  }

  write(bytes: Uint8Array, messages: number, kind: MessageKind): boolean {
    this.messages += messages;
    const buffer = Buffer.from(bytes);
    this.writes.push(buffer);
    let count = 0;
    for (let at = 0; at < buffer.length; count++) {
      const end = at + buffer.readUInt16BE(at + 16);
      if (kind === 'update') this.#apply(buffer, at, end);
      else this.log.push(`refresh ${decodeRouteRefresh(buffer, at, end).subtype}`);
      at = end;
    }
    if (count !== messages) throw new Error(`${messages} messages announced, ${count} written`);
    return this.open;
  }

  /** Prefixes that the peer holds, sorted. */
  get held(): readonly string[] {
    return [...this.table.keys()].sort();
  }

  #apply(bytes: Buffer, start: number, end: number): void {
    const context = this.session.send;
    const scan = new UpdateScan();
    const error = scanUpdate(bytes, start, end, context, scan);
    if (error !== undefined) throw error;
    if (scan.endOfRibAfi !== 0) this.log.push('end');
    const each = (from: number, to: number, afi: number, visit: (key: string) => void): void => {
      const family: Family = afi === 2 ? 'ipv6-unicast' : 'ipv4-unicast';
      const addPath = context.addPath.includes(family);
      for (let at = from; at < to; ) {
        const id = addPath ? `#${readPathId(bytes, at)}` : '';
        if (addPath) at += 4;
        visit(`${formatPrefix(readPrefix(bytes, at, family))}${id}`);
        at = nlriEnd(bytes, at);
      }
    };
    const remove = (key: string): void => {
      this.table.delete(key);
      this.log.push(`-${key}`);
    };
    each(scan.withdrawnStart, scan.withdrawnEnd, 1, remove);
    each(scan.unreachNlriStart, scan.unreachNlriEnd, scan.unreachAfi, remove);
    const mp = scan.reachAfi !== 0;
    const { attributesStart, attributesEnd } = scan;
    const add = (key: string): void => {
      const reachable = mp ? 'mp' : 'classic';
      const decoded = decodeAttributes(bytes, attributesStart, attributesEnd, context, reachable);
      if (decoded.disposition !== 'accept')
        throw new Error(`sent what asks for ${decoded.disposition}`);
      this.table.set(key, decoded.attributes);
      this.log.push(`+${key}`);
    };
    each(scan.nlriStart, scan.nlriEnd, 1, add);
    each(scan.reachNlriStart, scan.reachNlriEnd, scan.reachAfi, add);
  }
}
