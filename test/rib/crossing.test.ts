import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CompiledPolicy } from '../../src/policy/compile.ts';
import { ACCEPT, HurriedClock, REJECT, RUNS, type Speaker, World } from './support.ts';

/** More prefixes than are looked at in one stretch. */
const BLOCK = 200;
const BLOCKS = Array.from({ length: 4 }, (_, block) =>
  Array.from({ length: BLOCK }, (_, i) => `10.${block}.${i}.0/24`),
);
/** Two that say the same, so that groups differ only where one of them is behind. */
const POLICIES: readonly CompiledPolicy[] = [ACCEPT, { ...ACCEPT, key: 'too' }, REJECT];

const block = fc.nat(BLOCKS.length - 1);
const mover = fc.nat(2);

type Step =
  | { readonly type: 'announce'; readonly block: number; readonly med: number }
  | { readonly type: 'withdraw'; readonly block: number }
  | { readonly type: 'move'; readonly mover: number; readonly to: number }
  | { readonly type: 'block' | 'drain'; readonly mover: number }
  | { readonly type: 'turn'; readonly turns: number };

/** Back before the other group has compared anything: the way home waits for that group. */
const THERE_AND_BACK: Step[] = [
  { type: 'withdraw', block: 0 },
  { type: 'announce', block: 1, med: 0 },
  { type: 'move', mover: 0, to: 1 },
  { type: 'move', mover: 0, to: 0 },
  { type: 'withdraw', block: 2 },
];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('announce' as const), block, med: fc.nat(2) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('withdraw' as const), block }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('move' as const), mover, to: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom('block' as const, 'drain' as const), mover }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('turn' as const),
      turns: fc.integer({ min: 1, max: 8 }),
    }),
  },
);

test('whoever goes from group to group ends with what a newcomer is sent', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const world = new World({ clock: new HurriedClock() });
      const feeder = world.peer('feeder');
      for (const [index, exportPolicy] of POLICIES.entries()) {
        world.peer(`stays${index}`, { settings: { exportPolicy } });
      }
      const movers = ['l', 'm', 'n'].map((name) => world.peer(name));
      feeder.announce(BLOCKS.flat());
      world.settle();
      for (const at of steps) {
        if (at.type === 'announce') feeder.announce(BLOCKS[at.block] as string[], { med: at.med });
        else if (at.type === 'withdraw') feeder.withdraw(BLOCKS[at.block] as string[]);
        else if (at.type === 'turn') for (let turn = 0; turn < at.turns; turn++) world.turn();
        else {
          const { rib } = movers[at.mover] as Speaker;
          if (at.type === 'move') {
            rib.configure({ ...rib.settings, exportPolicy: POLICIES[at.to] as CompiledPolicy });
          } else if (at.type === 'block') (movers[at.mover] as Speaker).open = false;
          else (movers[at.mover] as Speaker).drain();
        }
      }
      for (const each of movers) each.drain();
      world.settle();
      expect(world.rib.idle).toBe(true);
      for (const { rib, table } of movers) {
        const newcomer = world.peer(`as ${rib.name}`, { settings: rib.settings });
        world.settle();
        expect(table).toEqual(newcomer.table);
      }
      expect(world.rib.census).toMatchObject({
        'ipv4-unicast groups': POLICIES.length,
        'ipv4-unicast detours': 0,
      });
    }),
    { numRuns: Math.ceil(RUNS.numRuns / 4), examples: [[THERE_AND_BACK]] },
  );
}, 120_000);
