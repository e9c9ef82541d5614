import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPrefix } from '../../src/net/prefix.ts';
import { REJECT, RUNS, SETTINGS, type Speaker, World } from './support.ts';

const PREFIXES = Array.from({ length: 12 }, (_, i) => `10.${i}.0.0/16`);

type Step =
  /** `move`: a path goes on under path identifier 1. */
  | {
      readonly type: 'announce' | 'move';
      readonly peer: number;
      readonly prefix: number;
      readonly pref: number;
      readonly id: number;
    }
  | {
      readonly type: 'withdraw';
      readonly peer: number;
      readonly prefix: number;
      readonly id: number;
    }
  | { readonly type: 'block' | 'drain' | 'bounce' | 'resend'; readonly peer: number }
  | { readonly type: 'policy' | 'nextHop'; readonly peer: number; readonly on: boolean }
  | { readonly type: 'settle' };

const peer = fc.nat(4);
const id = fc.nat(2);

const stepOf = (prefix: fc.Arbitrary<number>, pref: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ type: fc.constant('announce' as const), peer, prefix, pref, id }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('move' as const), peer, prefix, pref, id }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('withdraw' as const), peer, prefix, id }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom(
          'block' as const,
          'drain' as const,
          'bounce' as const,
          'resend' as const,
        ),
        peer,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom('policy' as const, 'nextHop' as const),
        peer,
        on: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ type: 'settle' as const }) },
  );

function play(world: World, peers: Speaker[], at: Step): void {
  const speaker = peers['peer' in at ? at.peer : 0] as Speaker;
  const addPath = speaker.session.receive.addPath.length > 0;
  const pathId = 'id' in at && addPath ? at.id : 0;
  switch (at.type) {
    case 'settle':
      world.settle();
      return;
    case 'announce':
      speaker.announce([PREFIXES[at.prefix] as string], { localPref: at.pref }, pathId);
      return;
    case 'withdraw':
      speaker.withdraw([PREFIXES[at.prefix] as string], pathId);
      return;
    case 'move':
      speaker.announce([PREFIXES[at.prefix] as string], { localPref: at.pref }, Number(addPath));
      if (pathId !== Number(addPath)) speaker.withdraw([PREFIXES[at.prefix] as string], pathId);
      return;
    case 'block':
      speaker.open = false;
      return;
    case 'drain':
      speaker.drain();
      return;
    case 'bounce':
      speaker.rib.down([]);
      speaker.table.clear();
      speaker.open = true;
      speaker.rib.up(speaker.session);
      return;
    case 'resend':
      speaker.rib.resend('ipv4-unicast');
      return;
    case 'policy':
      speaker.rib.configure({
        ...speaker.rib.settings,
        exportPolicy: at.on ? REJECT : SETTINGS.exportPolicy,
      });
      return;
    case 'nextHop':
      speaker.rib.configure({ ...speaker.rib.settings, nextHop: at.on ? 'self' : 'auto' });
      return;
  }
}

/** What a peer should hold, from the RIB's own best or eligible paths. */
function expected(world: World, speaker: Speaker): readonly string[] {
  if (speaker.rib.settings.exportPolicy === REJECT) return [];
  const many = speaker.session.send.addPath.length > 0;
  return world
    .routes()
    .filter(({ state, peer: from }) => from !== speaker.rib.name && (many || state === 'best'))
    .map((path) => formatPrefix(path.prefix))
    .sort();
}

const withoutIds = (held: readonly string[]): readonly string[] =>
  held.map((key) => key.split('#')[0] as string).sort();

/** Where few prefixes and preferences are in play, the same path comes again and again. */
const DENSITIES = {
  wide: stepOf(fc.nat(PREFIXES.length - 1), fc.integer({ min: 99, max: 101 })),
  dense: stepOf(fc.nat(1), fc.integer({ min: 100, max: 101 })),
};

describe.each([false, true])('with add-path %s', (addPath) => {
  test.each(['wide', 'dense'] as const)(
    'every peer ends with what the table says, whatever happened on the way (%s)',
    (density) => {
      fc.assert(
        fc.property(fc.array(DENSITIES[density], { maxLength: 80, size: 'max' }), (steps) => {
          const world = new World();
          const options = { addPathSend: addPath, addPathReceive: addPath };
          const peers = ['a', 'b', 'c', 'd', 'e'].map((name) => world.peer(name, options));
          for (const each of steps) play(world, peers, each);
          for (const each of peers) each.drain();
          world.settle();
          for (const each of peers) {
            expect(withoutIds(each.held)).toEqual(expected(world, each));
            const out = world.routes({ view: 'out', peer: each.rib.name });
            expect(out.length).toBe(each.table.size);
            for (const { prefix: at, pathId, attributes } of out) {
              const key = `${formatPrefix(at)}${pathId === undefined ? '' : `#${pathId}`}`;
              expect(each.table.get(key)).toEqual(attributes);
            }
            expect(each.rib.counts('ipv4-unicast').advertised).toBe(each.table.size);
            each.rib.remove();
          }
          world.settle();
          expect(world.rib.idle).toBe(true);
          expect(world.rib.sizes()[0]).toMatchObject({ prefixes: 0, paths: 0 });
          expect(world.rib.records.count).toBe(0);
        }),
        RUNS,
      );
    },
  );

  test('the order of arrival does not matter', () => {
    const path = fc.record({
      peer,
      prefix: fc.nat(2),
      pref: fc.integer({ min: 100, max: 101 }),
      med: fc.nat(2),
      asn: fc.integer({ min: 1, max: 2 }),
    });
    const unique = fc.uniqueArray(path, {
      selector: (at) => `${at.peer} ${at.prefix}`,
      maxLength: 15,
    });
    fc.assert(
      fc.property(unique, fc.infiniteStream(fc.nat()), (paths, noise) => {
        const run = (list: typeof paths): readonly string[] => {
          const world = new World();
          const peers = ['a', 'b', 'c', 'd', 'e'].map((name, i) =>
            world.peer(name, { id: i + 1, address: `10.9.0.${i + 1}` }),
          );
          for (const at of list) {
            (peers[at.peer] as Speaker).announce([PREFIXES[at.prefix] as string], {
              localPref: at.pref,
              med: at.med,
              asPath: [{ type: 'sequence', asns: [at.asn] }],
            });
            if (at.med === 1) world.settle();
          }
          world.settle();
          return world.best();
        };
        const shuffled = paths
          .map((at) => ({ at, key: noise.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ at }) => at);
        expect(run(shuffled)).toEqual(run(paths));
      }),
      RUNS,
    );
  });
});
