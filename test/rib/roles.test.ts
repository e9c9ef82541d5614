import { describe, expect, test } from 'vitest';
import { REFUSAL_REASONS } from '../../src/rib/reasons.ts';
import type { BgpRole } from '../../src/wire/capabilities/role.ts';
import { addressOf, OWN_ASN, type Speaker, World } from './support.ts';

const P = '10.1.0.0/16';
const REMOTE = 65001;
const sequence = (...asns: number[]) => [{ type: 'sequence' as const, asns }];

const external = (world: World, name: string, role: BgpRole | undefined, asn = REMOTE): Speaker =>
  world.peer(name, { kind: 'ebgp', asn, role });

const from = (asn: number, otc?: number) => ({
  asPath: sequence(asn),
  localPref: undefined,
  otc,
});

/** What we are to the sender, the mark of its route, and what an internal peer gets of it. */
const INCOMING: readonly [BgpRole | undefined, number | undefined, number | 'none' | 'leak'][] = [
  ['provider', undefined, 'none'],
  ['provider', 7, 'leak'],
  ['rs', 7, 'leak'],
  ['rs', undefined, 'none'],
  ['peer', REMOTE, REMOTE],
  ['peer', 7, 'leak'],
  ['peer', undefined, REMOTE],
  ['customer', undefined, REMOTE],
  ['customer', 7, 7],
  ['rs-client', undefined, REMOTE],
  [undefined, 7, 7],
  [undefined, undefined, 'none'],
];

describe('Only to Customer coming in (RFC 9234 §5)', () => {
  test.each(INCOMING)('as %s with the mark %s: %s', (role, otc, outcome) => {
    const world = new World();
    const sender = external(world, 'sender', role);
    const inside = world.peer('inside');
    sender.announce([P], from(REMOTE, otc));
    world.settle();
    if (outcome === 'leak') {
      expect(inside.held).toEqual([]);
      const [path] = world.routes({ filtered: true });
      expect(path?.reason).toBe('route-leak');
      expect(REFUSAL_REASONS.map(({ name }) => name)).toContain(path?.reason);
    } else {
      expect(inside.table.get(P)?.otc).toBe(outcome === 'none' ? undefined : outcome);
    }
  });
});

/** What we are to the receiver, the mark of a route from inside, and what the receiver gets. */
const OUTGOING: readonly [BgpRole | undefined, number | undefined, number | 'none' | 'held'][] = [
  ['provider', undefined, OWN_ASN],
  ['provider', 7, 7],
  ['peer', undefined, OWN_ASN],
  ['peer', 7, 'held'],
  ['rs', undefined, OWN_ASN],
  ['rs', 7, 7],
  ['customer', undefined, 'none'],
  ['customer', 7, 'held'],
  ['rs-client', undefined, 'none'],
  ['rs-client', 7, 'held'],
  [undefined, 7, 7],
];

describe('Only to Customer going out (RFC 9234 §5)', () => {
  test.each(OUTGOING)('as %s with the mark %s: %s', (role, otc, outcome) => {
    const world = new World();
    const inside = world.peer('inside');
    const receiver = external(world, 'receiver', role);
    inside.announce([P], { otc });
    world.settle();
    if (outcome === 'held') expect(receiver.held).toEqual([]);
    else expect(receiver.table.get(P)?.otc).toBe(outcome === 'none' ? undefined : outcome);
  });

  test('marks what this machine announces', () => {
    const world = new World();
    world.local('one', P);
    const receiver = external(world, 'receiver', 'peer');
    world.settle();
    expect(receiver.table.get(P)?.otc).toBe(OWN_ASN);
  });
});

describe('a route server (RFC 7947)', () => {
  const client = { routeServerClient: true };
  const member = (world: World, name: string, asn: number): Speaker =>
    world.peer(name, { kind: 'ebgp', asn, settings: client });

  test('hands routes between its clients as they came: path, next hop and MED', () => {
    const world = new World();
    const sender = member(world, 'sender', 65001);
    const receiver = member(world, 'receiver', 65002);
    sender.announce([P], { ...from(65001), med: 9 });
    world.settle();
    expect(receiver.table.get(P)).toMatchObject({
      asPath: sequence(65001),
      nextHop: addressOf('10.0.0.9'),
      med: 9,
    });
  });

  test('is an ordinary neighbour to everyone else', () => {
    const world = new World();
    const sender = member(world, 'sender', 65001);
    const other = external(world, 'other', undefined, 65003);
    sender.announce([P], { ...from(65001), med: 9 });
    world.settle();
    expect(other.table.get(P)).toMatchObject({
      asPath: sequence(OWN_ASN, 65001),
      nextHop: addressOf('10.0.0.1'),
      med: undefined,
    });
  });

  test('puts its own AS in front of what is its own', () => {
    const world = new World();
    world.local('one', P);
    const receiver = member(world, 'receiver', 65002);
    world.settle();
    expect(receiver.table.get(P)?.asPath).toEqual(sequence(OWN_ASN));
  });
});
