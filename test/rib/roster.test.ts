import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PeerTable, type Seat } from '../../src/rib/rib-peer.ts';
import type { Roster } from '../../src/rib/roster.ts';
import { HurriedClock, RUNS, SETTINGS, type Speaker, World } from './support.ts';

const PEERS = 5;

type Act =
  | 'up'
  | 'down'
  | 'announce'
  | 'withdraw'
  | 'block'
  | 'drain'
  | 'regroup'
  | 'resend'
  | 'turn'
  | 'settle';

const ACTS: readonly Act[] = [
  ...(['up', 'down', 'announce', 'announce', 'withdraw', 'block'] as const),
  ...(['drain', 'regroup', 'resend', 'turn', 'settle'] as const),
];

const seatOf = ({ rib }: Speaker): Seat | undefined =>
  rib instanceof PeerTable ? rib.seat('ipv4-unicast') : undefined;

/** What each set of a roster should hold, by the state of the members themselves. */
function expectSound(speakers: readonly Speaker[], isSettled: boolean): void {
  const rosters = new Set<Roster>();
  for (const speaker of speakers) {
    const seat = seatOf(speaker);
    if (seat === undefined) continue;
    const { member, group } = seat;
    const { roster } = group;
    rosters.add(roster);
    expect(roster.members.get(member.id)).toBe(member);
    expect(roster.diverted.has(member)).toBe(member.detour !== undefined);
    expect(roster.lapping.has(member)).toBe(member.lap !== undefined);
    expect(roster.due.has(member)).toBe(member.isMarkDue);
    if (!isSettled) continue;
    const isBehind = member.detour === undefined && !member.isAtEnd(roster.journal);
    expect(roster.stalled.has(member)).toBe(isBehind);
  }
  for (const { members, diverted, lapping, due, stalled } of rosters) {
    for (const set of [diverted, lapping, due, stalled]) {
      for (const member of set) expect(members.get(member.id)).toBe(member);
    }
  }
}

function perform(world: World, act: Act, speaker: Speaker, number: number): void {
  const { rib } = speaker;
  const isUp = seatOf(speaker) !== undefined;
  if (act === 'turn') world.turn();
  else if (act === 'settle') world.settle();
  else if (act === 'up' && !isUp) rib.up(speaker.session);
  if (!isUp) return;
  if (act === 'down') rib.down([]);
  else if (act === 'announce') speaker.announce([`10.${number}.0.0/16`], { med: number });
  else if (act === 'withdraw') speaker.withdraw([`10.${number}.0.0/16`]);
  else if (act === 'block') speaker.open = false;
  else if (act === 'drain') speaker.drain();
  else if (act === 'regroup')
    rib.configure({ ...SETTINGS, nextHop: number % 2 === 0 ? 'self' : 'auto' });
  else if (act === 'resend') rib.resend('ipv4-unicast');
}

describe('the roster of a group', () => {
  const step = fc.record({
    act: fc.constantFrom(...ACTS),
    peer: fc.nat({ max: PEERS - 1 }),
    number: fc.nat({ max: 30 }),
  });

  test('agrees with its members after whatever happened to them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const world = new World({ clock: new HurriedClock() });
        const speakers = Array.from({ length: PEERS }, (_, number) =>
          world.peer(`p${number}`, { enhancedRefresh: number % 2 === 0 }),
        );
        for (const { act, peer, number } of steps) {
          perform(world, act, speakers[peer] as Speaker, number);
          expectSound(speakers, act === 'settle');
        }
        for (const speaker of speakers) if (seatOf(speaker) !== undefined) speaker.drain();
        world.settle();
        expectSound(speakers, true);
        expect(world.rib.idle).toBe(true);
      }),
      RUNS,
    );
  });

  test('has nobody pass the marks of others', () => {
    const world = new World();
    const speakers = Array.from({ length: PEERS }, (_, number) => world.peer(`p${number}`));
    world.settle();
    for (const { log } of speakers) expect(log).toEqual(['end']);
    expect(seatOf(speakers[0] as Speaker)?.group.waiting.bytes).toBe(0);
  });

  test('puts a mark where it was due into the stream of a member that does not read', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    b.open = false;
    a.announce(['10.1.0.0/16']);
    world.settle();
    a.announce(['10.2.0.0/16']);
    world.settle();
    expect(b.log).toEqual(['+10.1.0.0/16']);
    b.drain();
    world.settle();
    expect(b.log).toEqual(['+10.1.0.0/16', 'end', '+10.2.0.0/16']);
  });

  test('knows who stops reading, who falls behind and who comes back', () => {
    const world = new World();
    const a = world.peer('a');
    const slow = world.peer('slow');
    const quick = world.peer('quick');
    world.settle();
    const speakers = [a, slow, quick];
    const { member, group } = seatOf(slow) as Seat;
    const { roster } = group;
    slow.open = false;
    const communities = Array.from({ length: 800 }, (_, i) => i);
    const flood = (med: number): void => {
      for (let i = 0; i < 100; i++) {
        a.announce([`10.${i}.0.0/16`], { communities, med: med + i });
      }
      world.settle();
    };
    for (let round = 0; round < 2; round++) flood(100 * round);
    expect([...roster.stalled]).toEqual([member]);
    expectSound(speakers, true);
    for (let round = 2; round < 20; round++) flood(100 * round);
    expect([...roster.diverted]).toEqual([member]);
    expectSound(speakers, true);
    slow.drain();
    world.settle();
    expect(roster.idle).toBe(true);
    expectSound(speakers, true);
    expect(slow.held).toEqual(quick.held);
  });
});
