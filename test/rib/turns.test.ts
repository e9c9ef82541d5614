import { expect, test } from 'vitest';
import type { CompiledPolicy } from '../../src/policy/compile.ts';
import type { RibPeerSettings } from '../../src/rib/types.ts';
import { ACCEPT, addressOf, HurriedClock, REJECT, type Speaker, World } from './support.ts';

const FAMILY = 'ipv4-unicast';
const LINK = { interface: 'eth0', announce: false } as const;
const BLOCK = 250;
const PREFIXES = 5000;
/** Entries of any table that may come or go between two looks at the clock. */
const MOST = 4200;

/** Octets; and what a new group takes over of another, a copy of one column. */
const UNCOUNTED = ['journal', 'sent'];

const other = (key: string): CompiledPolicy => ({ ...ACCEPT, key });

/** Fails when more than `MOST` entries of a table came or went since it looked last. */
class Inspector {
  readonly #world: World;
  #before: Readonly<Record<string, number>>;

  constructor(world: World) {
    this.#world = world;
    this.#before = world.rib.census;
  }

  look(): void {
    const after = this.#world.rib.census;
    for (const [table, count] of Object.entries(after)) {
      if (UNCOUNTED.some((each) => table.includes(each))) continue;
      const moved = Math.abs(count - (this.#before[table] ?? 0));
      if (moved > MOST) throw new Error(`${moved} ${table} at once`);
    }
    this.#before = after;
  }
}

/** A table of many prefixes with two clients, and whoever looks what each turn does to it. */
function filled() {
  const clock = new HurriedClock();
  const world = new World({ resolveAll: false, clock });
  world.local('gateway', '10.0.0.0/24', LINK);
  const feeder = world.peer('feeder');
  const clients = ['a', 'b'].map((name) => world.peer(name));
  const inspector = new Inspector(world);
  clock.looked = () => inspector.look();
  for (let at = 0; at < PREFIXES; at += BLOCK) {
    const routes = Array.from(
      { length: BLOCK },
      (_, i) => `20.${(at + i) >> 8}.${(at + i) & 255}.0/24`,
    );
    feeder.announce(routes, { med: at });
    world.turn();
  }
  world.settle();
  return { world, feeder, clients, inspector };
}

const configure = (peers: readonly Speaker[], over: Partial<RibPeerSettings>): void => {
  for (const { rib } of peers) rib.configure({ ...rib.settings, ...over });
};

test('no turn does more than a batch, whatever is asked of a full table', () => {
  const { world, feeder, clients, inspector } = filled();
  const held = (count: number): void =>
    expect(clients.map(({ table }) => table.size)).toEqual(clients.map(() => count));
  const half = clients.slice(1);
  const ask = (work: () => void): void => {
    work();
    inspector.look();
    world.settle();
  };
  held(PREFIXES);
  ask(() => configure(clients, { exportPolicy: other('second') }));
  ask(() => configure(half, { exportPolicy: REJECT }));
  expect(clients.map(({ table }) => table.size)).toEqual([PREFIXES, 0]);
  ask(() => configure(half, { exportPolicy: other('second') }));
  held(PREFIXES);
  ask(() => configure([feeder], { importPolicy: REJECT }));
  held(0);
  ask(() => configure([feeder], { importPolicy: ACCEPT, reflectorClient: false }));
  held(PREFIXES);
  ask(() => configure([feeder], { reflectorClient: true }));
  held(PREFIXES);
  ask(() => world.rib.removeLocal('gateway'));
  held(0);
  ask(() => world.local('gateway', '10.0.0.0/24', LINK));
  held(PREFIXES);
  ask(() => world.rib.setOwnAddresses([addressOf('10.0.0.9')]));
  held(0);
  ask(() => world.rib.setOwnAddresses([]));
  held(PREFIXES);
  ask(() => world.rib.setPreferences({ direct: 240, static: 200, bgp: 300, kernel: 10 }));
  held(PREFIXES);
  ask(() => {
    for (const { rib, session, table } of clients) {
      rib.down([]);
      table.clear();
      rib.up(session);
    }
  });
  held(PREFIXES);
  ask(() => {
    feeder.rib.down([FAMILY]);
    feeder.rib.up(feeder.session);
  });
  expect(feeder.rib.counts(FAMILY).stale).toBe(PREFIXES);
  ask(() => feeder.rib.sweepStale([FAMILY]));
  held(0);
}, 120_000);

test('a member that moves between groups while it cannot be written to is told all in small parts', () => {
  const { world, clients, inspector } = filled();
  const [slow] = clients as [Speaker];
  slow.rib.down([]);
  slow.table.clear();
  slow.log.length = 0;
  slow.rib.up(slow.session);
  slow.open = false;
  world.turn();
  configure([slow], { exportPolicy: other('second') });
  inspector.look();
  world.turn();
  configure([slow], { exportPolicy: REJECT });
  inspector.look();
  world.turn();
  configure([slow], { exportPolicy: ACCEPT });
  inspector.look();
  while (!world.rib.idle) {
    slow.drain();
    world.turn();
  }
  expect(slow.table.size).toBe(PREFIXES);
  expect(slow.log.filter((line) => line === 'end')).toHaveLength(1);
}, 120_000);
