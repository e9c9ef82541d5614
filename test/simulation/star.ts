import { resolveConfig } from '../../src/config/resolve.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import type { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import type { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { NO_ATTRIBUTES } from '../../src/wire/path-attributes.ts';
import { encodeUpdate } from '../../src/wire/update.ts';
import { ASN } from './light-client.ts';

/** `10.1.HIGH.LOW` of the client with a number from 0. */
export const clientAddress = (number: number): string => `10.1.${number >> 8}.${number & 255}`;

export const clientId = (number: number): number => 0x0a010000 + number;

/** An UPDATE with one /26 of a client, which is the next hop. */
export function announcement(
  client: number,
  block: number,
  communities: readonly number[] = [],
): Buffer {
  const word = 0x64400000 + block * 64;
  const address = Uint8Array.of(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  const attributes = {
    ...NO_ATTRIBUTES,
    origin: 'igp',
    asPath: [],
    nextHop: Uint8Array.of(10, 1, client >> 8, client & 255),
    localPref: 100,
    communities,
  } as const;
  const routes = [{ prefix: { address, length: 26 } }];
  return encodeUpdate({ type: 'announce', family: 'ipv4-unicast', routes, attributes }, CODEC);
}

const CODEC = {
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: ['ipv4-unicast'],
  maxMessage: 4096,
  extendedNextHop: false,
} as const;

/** A reflector without a FIB, with this many clients by address, as the derivation makes it. */
export function reflectorAt(
  network: MemoryNetwork,
  clock: VirtualClock,
  address: string,
  clients: number,
): Speaker {
  const resolved = resolveConfig({
    asn: ASN,
    routerId: address,
    clusterId: '10.255.0.1',
    listen: [{ address, port: 179 }],
    peers: Array.from({ length: clients }, (_, number) => ({
      name: `client${number}`,
      address: clientAddress(number),
      asn: ASN,
      passive: true,
      reflectorClient: true,
      families: ['ipv4-unicast'],
    })),
  });
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  const speaker = new Speaker({
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    probe: silentProbe,
    transport: network.host([address], { total: clients, perAddress: 8 }),
    openKernel: () => {
      throw new Error('a reflector has no FIB');
    },
  });
  speaker.apply(resolved.config);
  return speaker;
}
