import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts';
import { Rib } from '../../src/rib/rib.ts';
import type { RibPeer, RibSession } from '../../src/rib/types.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { SlicedWork } from '../../src/runtime/sliced-work.ts';
import {
  type CodecContext,
  NO_ATTRIBUTES,
  type PathAttributes,
} from '../../src/wire/path-attributes.ts';
import { encodeUpdate, type Nlri } from '../../src/wire/update.ts';
import { megabytes } from '../figures.ts';
import type { Row, Scenario } from '../scenario.ts';

const PREFIXES = 1_000_000;
const CODEC: CodecContext = {
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: ['ipv4-unicast'],
  maxMessage: 4096,
  extendedNextHop: false,
};
export const ACCEPT: CompiledPolicy = compilePolicy([], {}, 'accept', {
  kind: 'ibgp',
  ownNextHop: undefined,
  defaultMetric: 1024,
});

/** About 10 prefixes a set, sizes as in the public table: P(size >= s) = 1/s. */
export function feed(): readonly Buffer[] {
  const random = seededRandom(42);
  const updates: Buffer[] = [];
  const words = Uint32Array.from({ length: PREFIXES }, (_, index) => index);
  for (let i = PREFIXES - 1; i > 0; i--) {
    const j = random.u32() % (i + 1);
    const swap = words[i] as number;
    words[i] = words[j] as number;
    words[j] = swap;
  }
  for (let at = 0; at < PREFIXES; ) {
    const size = Math.min(PREFIXES - at, 700, Math.max(1, Math.floor(1 / (random.next() + 1e-4))));
    const routes = Array.from({ length: size }, (_, i) => prefixOf(words[at + i] as number));
    updates.push(update(routes, updates.length, random.u32()));
    at += size;
  }
  return updates;
}

function prefixOf(index: number): Nlri {
  const word = 0x01000000 + index * 256;
  const address = Uint8Array.of(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, 0);
  return { prefix: { address, length: 24 } };
}

export function update(routes: readonly Nlri[], set: number, noise: number): Buffer {
  const hops = 1 + (noise % 7);
  const attributes: PathAttributes = {
    ...NO_ATTRIBUTES,
    origin: 'igp',
    asPath: [
      {
        type: 'sequence',
        asns: Array.from({ length: hops }, (_, i) => 1000 + ((set * 7 + i) % 60000)),
      },
    ],
    nextHop: Uint8Array.of(10, 0, 0, 9),
    med: noise % 5 === 0 ? set : undefined,
    localPref: 100,
    communities: Array.from({ length: noise % 4 === 0 ? 0 : 1 + (noise % 6) }, (_, i) => set + i),
  };
  return encodeUpdate({ type: 'announce', family: 'ipv4-unicast', routes, attributes }, CODEC);
}

export class Sink {
  bytes = 0;
  messages = 0;

  write(bytes: Uint8Array, messages: number): boolean {
    this.bytes += bytes.length;
    this.messages += messages;
    return true;
  }
}

export function addPeer(rib: Rib, index: number, output: Sink): RibPeer {
  const peer = rib.addPeer(`peer${index}`, {
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
  });
  const session: RibSession = {
    kind: 'ibgp',
    localAsn: 64512,
    remoteAsn: 64512,
    role: undefined,
    remoteId: 0x0a010000 + index,
    remoteAddress: Uint8Array.of(10, 1, index >>> 8, index & 255),
    interface: '',
    families: ['ipv4-unicast'],
    receive: CODEC,
    send: CODEC,
    longLived: false,
    enhancedRefresh: false,
    ownNextHop: { 'ipv4-unicast': Uint8Array.of(10, 0, 0, 1) },
    output,
  };
  peer.up(session);
  return peer;
}

export const settled = (rib: Rib): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (rib.idle) resolve();
      else setImmediate(look);
    };
    setImmediate(look);
  });

export const newRib = (): Rib =>
  new Rib({
    clock: processClock,
    work: new SlicedWork(processClock),
    random: seededRandom(1),
    probe: silentProbe,
    routerId: 1,
    clusterId: 2,
    preferences: { direct: 240, static: 200, bgp: 100, kernel: 10 },
    resolveAll: true,
  });

async function phase(what: string, work: () => Promise<void>): Promise<Row> {
  let worst = 0;
  let running = true;
  let before = performance.now();
  const watch = (): void => {
    const now = performance.now();
    worst = Math.max(worst, now - before);
    before = now;
    if (running) setImmediate(watch);
  };
  setImmediate(watch);
  const cpu = process.cpuUsage();
  await work();
  running = false;
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    'CPU ns per prefix': ((user + system) * 1000) / PREFIXES,
    'longest turn ms': worst,
    'RSS MB': megabytes(process.memoryUsage.rss()),
  };
  return { what, target: 'bengal', figures };
}

async function passThrough(updates: readonly Buffer[], members: number): Promise<readonly Row[]> {
  const rib = newRib();
  const feeder = addPeer(rib, 0, new Sink());
  const sinks = Array.from({ length: members }, () => new Sink());
  for (const [index, sink] of sinks.entries()) addPeer(rib, index + 1, sink);
  await settled(rib);
  const load = await phase(`load, ${members} members`, async () => {
    for (let at = 0; at < updates.length; at += 400) {
      for (const bytes of updates.slice(at, at + 400)) feeder.receiveUpdate(bytes, 0, bytes.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled(rib);
  });
  const joiner = new Sink();
  const join = await phase(`one joins ${members} members`, async () => {
    addPeer(rib, members + 1, joiner);
    await settled(rib);
  });
  const loss = await phase(`feeder lost, ${members} members`, async () => {
    feeder.down([]);
    await settled(rib);
  });
  return [load, join, loss];
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'rib',
    about: `The RIB alone: ${PREFIXES} prefixes from one client to the members of an update group, without sockets`,
    needsRoot: false,
    run: async () => {
      const updates = feed();
      return [...(await passThrough(updates, 1)), ...(await passThrough(updates, 10))];
    },
  },
];
