import { describe, expect, test } from 'vitest';
import type { KernelRoute } from '../../src/kernel/kernel.ts';
import { MemoryFib } from '../../src/kernel/memory-fib.ts';
import { walk } from '../../src/lab/walk.ts';
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts';

const PODS = ['10.1.0.1', '10.2.0.1'] as const;

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const route = (to: string, gateway: string): KernelRoute => ({
  prefix: prefix(to),
  type: 'unicast',
  nextHops: [{ gateway, interface: '', onlink: false, weight: 1 }],
  metric: 0,
  protocol: 12,
  table: 254,
});

function machine(address: string, pod?: string): { readonly fib: MemoryFib } {
  const fib = new MemoryFib();
  fib.setLink('eth0', true);
  fib.addAddress('eth0', `${address}/24`);
  fib.setLink('cali1', true);
  if (pod !== undefined) fib.addAddress('cali1', `${pod}/32`);
  return { fib };
}

describe('a packet', () => {
  test('arrives over a gateway that holds the destination', () => {
    const [a, b] = [machine('10.0.0.1', PODS[0]), machine('10.0.0.2', PODS[1])];
    a.fib.add(route('10.2.0.0/26', '10.0.0.2'));
    expect(walk([a, b], ...PODS)).toBe(true);
    expect(walk([a, b], PODS[1], PODS[0])).toBe(false);
  });

  test('goes on where the gateway has a route of its own', () => {
    const [a, r, b] = [
      machine('10.0.0.1', PODS[0]),
      machine('10.0.0.9'),
      machine('10.0.0.2', PODS[1]),
    ];
    a.fib.add(route('10.2.0.0/26', '10.0.0.9'));
    expect(walk([a, r, b], ...PODS)).toBe(false);
    r.fib.add(route('10.2.0.0/26', '10.0.0.2'));
    expect(walk([a, r, b], ...PODS)).toBe(true);
  });

  test('is dropped by a blackhole', () => {
    const a = machine('10.0.0.1', PODS[0]);
    const b = machine('10.0.0.2', PODS[1]);
    a.fib.add({ ...route('10.2.0.0/26', ''), type: 'blackhole', nextHops: [] });
    expect(walk([a, b], ...PODS)).toBe(false);
  });

  test('ends in a loop', () => {
    const [a, b] = [machine('10.0.0.1', PODS[0]), machine('10.0.0.2')];
    a.fib.add(route('10.9.0.0/26', '10.0.0.2'));
    b.fib.add(route('10.9.0.0/26', '10.0.0.1'));
    expect(walk([a, b], PODS[0], '10.9.0.1')).toBe(false);
  });
});
