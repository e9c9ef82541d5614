import type { Family } from '../net/family.ts';
import type { ExportTables } from './export-rules.ts';
import type { FamilyTable } from './family-table.ts';
import { differences, type GroupProfile, groupKey } from './group-key.ts';
import type { Member } from './member.ts';
import type { GroupStatus } from './types.ts';
import { UpdateGroup } from './update-group.ts';

/** The update groups of one family. */
export class Groups {
  readonly family: Family;
  readonly #table: FamilyTable;
  readonly #tables: ExportTables;
  readonly #groups = new Map<string, UpdateGroup>();
  /** Groups that have had no turn in the round that is under way, the next one last. */
  readonly #round: UpdateGroup[] = [];
  /** After this round comes another. */
  #again = false;
  #created = 0;

  constructor(table: FamilyTable, tables: ExportTables) {
    this.family = table.family;
    this.#table = table;
    this.#tables = tables;
  }

  /** A member with nothing sent yet. */
  join(member: Member, profile: GroupProfile): UpdateGroup {
    const group = this.#group(profile);
    group.join(member);
    return group;
  }

  /** Moves a member to the group of another profile; it is sent the differences. */
  move(member: Member, from: UpdateGroup, profile: GroupProfile): UpdateGroup {
    const known = this.#groups.get(groupKey(profile));
    if (known === from) return from;
    const fits = from.profile.addPath === profile.addPath;
    const group = known ?? this.#group(profile, fits ? from : undefined);
    group.adopt(member, from);
    this.#closeIfUnused(from);
    return group;
  }

  leave(member: Member, group: UpdateGroup): void {
    group.leave(member);
    this.#closeIfUnused(group);
  }

  get all(): Iterable<UpdateGroup> {
    return this.#groups.values();
  }

  /** True when all that can be sent was handed to the ports. */
  get idle(): boolean {
    for (const group of this.#groups.values()) if (!group.idle) return false;
    return true;
  }

  /**
   * Works until the clock passes `deadline`, at least in one group; the next call goes on there. True
   * until every group had a turn, without more to do, since something came: it did with `fresh`.
   */
  run(now: () => number, deadline: number, fresh: boolean): boolean {
    const round = this.#round;
    if (round.length === 0) for (const group of this.#groups.values()) round.push(group);
    else if (fresh) this.#again = true;
    for (let group = round.pop(); group !== undefined; group = round.pop()) {
      if (group.run(now, deadline)) this.#again = true;
      this.#closeIfUnused(group);
      if (now() >= deadline) break;
    }
    if (round.length > 0) return true;
    const again = this.#again;
    this.#again = false;
    return again;
  }

  status(group: UpdateGroup): GroupStatus {
    const others = [...this.#groups.values()].filter((each) => each !== group);
    const alone = group.members.size === 1;
    const profiles = others.map(({ profile }) => profile);
    return {
      id: group.id,
      members: group.members.size,
      aloneBecause: alone ? differences(group.profile, profiles) : [],
    };
  }

  #group(profile: GroupProfile, origin?: UpdateGroup): UpdateGroup {
    const key = groupKey(profile);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group = new UpdateGroup(++this.#created, profile, this.#table, this.#tables, origin);
    this.#groups.set(key, group);
    return group;
  }

  #closeIfUnused(group: UpdateGroup): void {
    if (!group.isUnused) return;
    this.#groups.delete(groupKey(group.profile));
    const turn = this.#round.indexOf(group);
    if (turn >= 0) this.#round.splice(turn, 1);
    group.close();
  }
}
