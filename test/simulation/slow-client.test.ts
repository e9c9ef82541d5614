import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { LightClient } from './light-client.ts';
import { announcement, clientAddress, clientId, reflectorAt } from './star.ts';

const REFLECTOR = '10.0.0.1';
const CLIENTS = 8;
/** Of one client, so that all others are told each of them. */
const BLOCKS = 400;
/** What makes the messages long. */
const COMMUNITIES = Array.from({ length: 200 }, (_, index) => index);
const SECOND = 1000;
/** Rounds in which every block changes: more octets than the journal keeps for those behind. */
const ROUNDS = 25;

interface World {
  readonly clock: VirtualClock;
  readonly reflector: Speaker;
  readonly slow: LightClient;
  readonly others: readonly LightClient[];
  /** Most octets that the journal held. */
  readonly most: number;
  /** Octets and time of the last UPDATE of each of the others, after each round. */
  readonly heard: readonly string[];
}

/** All clients come up and one of them, of whose blocks all others hear, changes them in rounds. */
function converge(reads: number | undefined): World {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock });
  const reflector = reflectorAt(network, clock, REFLECTOR, CLIENTS);
  const clients = Array.from({ length: CLIENTS }, (_, number) => {
    const shared = { address: clientAddress(number), reflector: REFLECTOR, routes: [] };
    const own = number === 1 && reads !== undefined ? { reads } : {};
    return new LightClient(network, { ...shared, ...own, routerId: clientId(number) });
  });
  for (const client of clients) client.start();
  clock.advance(10 * SECOND);
  const [feeder, slow, ...others] = clients;
  if (feeder === undefined || slow === undefined) throw new Error('there are too few clients');
  const heard: string[] = [];
  let most = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Each block has another next hop, and so a message of its own.
    for (let block = 0; block < BLOCKS; block++) {
      feeder.send(announcement(round * BLOCKS + block, block, COMMUNITIES));
    }
    clock.advance(SECOND);
    most = Math.max(most, reflector.rib?.census['ipv4-unicast journal'] ?? 0);
    heard.push(...others.map(({ octets, lastAt }) => `${octets} ${lastAt}`));
  }
  return { clock, reflector, slow, others, most, heard };
}

const undisturbed = converge(undefined);

test.each([
  ['reads a thousand octets a second', 1000],
  ['reads nothing', 0],
])('a client that %s costs the others neither time nor octets', (_how, reads) => {
  const { heard, slow, most } = converge(reads);
  expect(heard).toEqual(undisturbed.heard);
  expect(slow.octets).toBeLessThan(undisturbed.slow.octets / 10);
  expect(most).toBeLessThan(5 * 2 ** 20);
});

test('the Send Hold Timer ends the session of a client that reads nothing (RFC 9687)', () => {
  const { clock, reflector, others } = converge(0);
  const [feeder, stalled, ...rest] = reflector.peers;
  expect(clock.runUntil(() => stalled?.flaps === 1, 500 * SECOND)).toBe(true);
  expect(stalled?.reason).toMatch(/send hold/i);
  expect(reflector.rib?.census['ipv4-unicast detours']).toBe(0);
  expect([feeder, ...rest].map((peer) => peer?.flaps)).toEqual(others.map(() => 0).concat(0));
});
