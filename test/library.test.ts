import { describe, expect, test } from 'vitest';
import {
  MemoryFib,
  MemoryKernel,
  MemoryNetwork,
  reportRoute,
  resolveConfig,
  Speaker,
  seededRandom,
  silentLogger,
  silentProbe,
  VirtualClock,
} from '../src/index.ts';
import { Rib } from '../src/rib/index.ts';
import { newPeer, step } from '../src/session/index.ts';
import { decodeOpen, encodeKeepalive, messageName, messageTypeAt } from '../src/wire/index.ts';

const clock = new VirtualClock();
const network = new MemoryNetwork({ clock });

function speaker(address: string, other: string, networks: readonly object[]): Speaker {
  const resolved = resolveConfig({
    asn: 64512,
    routerId: address,
    listen: [{ address, port: 179 }],
    networks,
    peers: [{ name: 'other', address: other, asn: 64512 }],
  });
  if ('errors' in resolved) throw new Error(resolved.errors[0]?.message);
  const made = new Speaker({
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    probe: silentProbe,
    transport: network.host([address]),
    openKernel: () => new MemoryKernel(new MemoryFib(), clock),
  });
  made.apply(resolved.config);
  return made;
}

describe('the library', () => {
  test('runs two speakers in one process', () => {
    speaker('10.0.0.1', '10.0.0.2', [{ prefix: '10.1.0.0/24' }]);
    const listener = speaker('10.0.0.2', '10.0.0.1', []);
    const query = { family: undefined, view: 'in', peer: 'other', filtered: false } as const;
    const routes = () =>
      [...(listener.rib?.routes({ ...query, prefix: undefined }) ?? [])].map(reportRoute);
    expect(clock.runUntil(() => routes().length === 1, 60_000)).toBe(true);
    expect(routes()[0]).toMatchObject({ prefix: '10.1.0.0/24', nextHop: '10.0.0.1' });
  });

  test('has its parts under names of their own', () => {
    const keepalive = encodeKeepalive();
    expect(messageName(messageTypeAt(keepalive, 0))).toBe('KEEPALIVE');
    expect([typeof Rib, typeof newPeer, typeof step, typeof decodeOpen]).toEqual(
      Array(4).fill('function'),
    );
  });
});
