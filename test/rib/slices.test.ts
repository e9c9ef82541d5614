import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPrefix } from '../../src/net/prefix.ts';
import type { CompiledPolicy } from '../../src/policy/compile.ts';
import { ACCEPT, HurriedClock, REJECT, RUNS, type Speaker, World } from './support.ts';

const FAMILY = 'ipv4-unicast';
const SOME = { numRuns: Math.ceil(RUNS.numRuns / 4) };
/** Prefixes that are announced together: more than are looked at in one stretch. */
const BLOCK = 300;
const BLOCKS = Array.from({ length: 4 }, (_, block) =>
  Array.from({ length: BLOCK }, (_, i) => `10.${block}.${i >> 2}.${(i & 3) << 6}/26`),
);
const NEXT_HOPS = ['10.0.0.9', '10.0.1.9'].map((address) =>
  Uint8Array.from(address.split('.').map(Number)),
);
const GATEWAYS = ['10.0.0.0/24', '10.0.1.0/24'];
const POLICIES: readonly CompiledPolicy[] = [ACCEPT, { ...ACCEPT, key: 'too' }, REJECT];

const peer = fc.nat(1);
/** One of the blocks, or all of them. */
const block = fc.nat(BLOCKS.length);
const policy = fc.nat(POLICIES.length - 1);
const just = <T extends string>(...types: readonly T[]) =>
  fc.record({ type: fc.constantFrom(...types), peer });

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('announce' as const),
      peer,
      block,
      pref: fc.integer({ min: 99, max: 101 }),
      hop: fc.nat(1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('withdraw' as const), peer, block }) },
  { weight: 3, arbitrary: just('block', 'drain', 'bounce', 'resend') },
  { weight: 6, arbitrary: just('restart', 'sweep', 'keep', 'beginRefresh', 'endRefresh') },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom('import' as const, 'export' as const),
      peer,
      policy,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('client' as const), peer, on: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('gateway' as const),
      which: fc.nat(1),
      on: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('preference' as const),
      bgp: fc.integer({ min: 100, max: 300 }),
    }),
  },
  {
    weight: 24,
    arbitrary: fc.record({
      type: fc.constant('turn' as const),
      turns: fc.integer({ min: 1, max: 4 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const blocksOf = (block: number): readonly string[] => BLOCKS[block] ?? BLOCKS.flat();

class Play {
  readonly world: World;
  readonly peers: readonly Speaker[];
  /** What happens between two steps. */
  readonly #pause: (turns: number) => void;

  constructor(world: World, addPath: boolean, pause: (world: World, turns: number) => void) {
    this.world = world;
    this.#pause = (turns) => pause(world, turns);
    for (const gateway of GATEWAYS) world.local(gateway, gateway, { interface: 'eth0' });
    const options = { addPathSend: addPath, longLived: true };
    this.peers = ['a', 'b'].map((name) => world.peer(name, options));
    world.local('own', '10.0.0.0/26', { interface: 'eth1' });
    for (const each of this.peers) each.announce(blocksOf(BLOCKS.length));
    world.settle();
  }

  run(steps: readonly Step[]): void {
    for (const each of steps) {
      if (each.type === 'turn') this.#pause(each.turns);
      else this.#take(each);
    }
    for (const each of this.peers) each.drain();
    this.world.settle();
  }

  /** Paths with their fate, and what each peer holds. */
  get outcome(): readonly string[] {
    const paths = this.world
      .routes()
      .map(({ prefix, peer, state, reason, stale, attributes }) =>
        JSON.stringify([formatPrefix(prefix), peer, state, reason, stale, attributes]),
      );
    const held = this.peers.flatMap(({ rib, table }) =>
      [...table].map(([key, at]) => JSON.stringify([rib.name, key.split('#')[0], at])),
    );
    const counts = this.peers.map(({ rib }) => JSON.stringify(rib.counts(FAMILY)));
    return [...paths, ...held, ...counts].sort();
  }

  #take(at: Exclude<Step, { type: 'turn' }>): void {
    const { rib } = this.world;
    if (at.type === 'gateway') {
      const gateway = GATEWAYS[at.which] as string;
      if (at.on) this.world.local(gateway, gateway, { interface: 'eth0' });
      else rib.removeLocal(gateway);
    } else if (at.type === 'preference') {
      rib.setPreferences({ direct: 240, static: 200, bgp: at.bgp, kernel: 10 });
    } else this.#takeOf(this.peers[at.peer] as Speaker, at);
  }

  #takeOf(speaker: Speaker, at: Exclude<Step, { type: 'turn' | 'gateway' | 'preference' }>): void {
    const { rib } = speaker;
    switch (at.type) {
      case 'announce':
        speaker.announce(blocksOf(at.block), {
          localPref: at.pref,
          nextHop: NEXT_HOPS[at.hop],
        });
        return;
      case 'withdraw':
        speaker.withdraw(blocksOf(at.block));
        return;
      case 'block':
        speaker.open = false;
        return;
      case 'drain':
        speaker.drain();
        return;
      case 'bounce':
      case 'restart':
        rib.down(at.type === 'restart' ? [FAMILY] : []);
        speaker.table.clear();
        speaker.open = true;
        rib.up(speaker.session);
        return;
      case 'resend':
        rib.resend(FAMILY);
        return;
      case 'sweep':
        rib.sweepStale([FAMILY]);
        return;
      case 'keep':
        rib.keepLongLived(FAMILY);
        return;
      case 'beginRefresh':
        rib.beginRefresh(FAMILY);
        return;
      case 'endRefresh':
        rib.endRefresh(FAMILY);
        return;
      case 'import':
        rib.configure({ ...rib.settings, importPolicy: POLICIES[at.policy] as CompiledPolicy });
        return;
      case 'export':
        rib.configure({ ...rib.settings, exportPolicy: POLICIES[at.policy] as CompiledPolicy });
        return;
      case 'client':
        rib.configure({ ...rib.settings, reflectorClient: at.on });
        return;
    }
  }
}

const pass = (world: World, turns: number): void => {
  for (let turn = 0; turn < turns; turn++) world.turn();
};

test.each([false, true])(
  'whatever happens between two slices, the outcome is that of none; add-path %s',
  (addPath) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const sliced = new Play(
          new World({ resolveAll: false, clock: new HurriedClock() }),
          addPath,
          pass,
        );
        sliced.run(steps);
        const whole = new Play(new World({ resolveAll: false }), addPath, (world) =>
          world.settle(),
        );
        whole.run(steps.flatMap((each) => [each, { type: 'turn', turns: 1 } as const]));
        expect(sliced.outcome).toEqual(whole.outcome);
        for (const { world, peers } of [sliced, whole]) {
          for (const each of peers) each.rib.remove();
          for (const key of [...GATEWAYS, 'own']) world.rib.removeLocal(key);
          world.settle();
          expect(world.rib.idle).toBe(true);
          const left = Object.entries(world.rib.census).filter(([, count]) => count > 0);
          expect(left).toEqual([['sources', 1]]);
        }
      }),
      SOME,
    );
  },
  120_000,
);
