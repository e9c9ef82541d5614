import { FAMILIES, type Family } from '../net/family.ts';
import type { Clock } from '../runtime/clock.ts';
import type { SlicedWork, Task } from '../runtime/sliced-work.ts';
import { FamilyTable } from './family-table.ts';
import { Groups } from './groups.ts';
import { LocalRoutes } from './local-routes.ts';
import { MovedNextHops } from './moved-next-hops.ts';
import { NextHopTable } from './next-hop-table.ts';
import { RecordTable } from './record-table.ts';
import { SourceTable } from './source.ts';
import type { RibOptions } from './types.ts';

/** All tables of a RIB, and the bulk work on them. What peers, readers and queries share. */
export class RibState implements Task {
  readonly routerId: number;
  readonly clusterId: number | undefined;
  readonly local: LocalRoutes = new LocalRoutes();
  readonly sources: SourceTable = new SourceTable();
  readonly nextHops: NextHopTable;
  readonly records: RecordTable;
  readonly families: Readonly<Record<Family, FamilyTable>>;
  readonly groups: Readonly<Record<Family, Groups>>;
  /** Route selection waits for the peers of a restarted speaker (RFC 4724 §4.1). */
  deferred = false;
  readonly #clock: Clock;
  readonly #work: SlicedWork;
  readonly #decided: Readonly<Record<Family, (prefix: number) => void>>;
  readonly movedNextHops: MovedNextHops;
  readonly #shared = new Set<Task>();
  /** Something came since the last run. */
  #fresh = false;
  readonly now = (): number => this.#clock.now();

  constructor(options: RibOptions, decided: (family: Family, prefix: number) => void) {
    const { clock, work, random, routerId, clusterId, preferences, resolveAll } = options;
    this.routerId = routerId;
    this.clusterId = clusterId;
    this.#clock = clock;
    this.#work = work;
    this.nextHops = new NextHopTable(this.local, resolveAll);
    this.records = new RecordTable(this.nextHops, clusterId, random.u32());
    const table = (family: Family): FamilyTable =>
      new FamilyTable(family, this, preferences, random.u32());
    this.families = {
      'ipv4-unicast': table('ipv4-unicast'),
      'ipv6-unicast': table('ipv6-unicast'),
    };
    this.groups = {
      'ipv4-unicast': new Groups(this.families['ipv4-unicast'], this),
      'ipv6-unicast': new Groups(this.families['ipv6-unicast'], this),
    };
    this.movedNextHops = new MovedNextHops(
      this.records,
      Object.values(this.families),
      this.inSlices,
    );
    this.#decided = {
      'ipv4-unicast': (prefix) => decided('ipv4-unicast', prefix),
      'ipv6-unicast': (prefix) => decided('ipv6-unicast', prefix),
    };
  }

  /** Seconds since an arbitrary start. */
  seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  /** Wall-clock milliseconds of a time in `seconds`. */
  wallTimeOf(seconds: number): number {
    return this.#clock.wallTime() - this.#clock.now() + 1000 * seconds;
  }

  /** Something waits to be decided, encoded or written. */
  schedule(): void {
    this.#fresh = true;
    this.#work.add(this);
  }

  /** Nothing more comes for now. */
  flush(): void {
    this.#work.flush();
  }

  /**
   * Has bulk work done in slices: `step` does a stretch of it and returns false after the last. What
   * it works on changes between two steps; what waits to be decided and sent has its turns too.
   */
  readonly inSlices = (step: () => boolean): void => {
    const task: Task = {
      run: (deadline) => {
        this.schedule();
        while (step()) if (this.now() >= deadline) return true;
        this.#shared.delete(task);
        return false;
      },
    };
    this.#shared.add(task);
    this.#work.add(task);
  };

  /** True when nothing is left to decide, to encode or to free. */
  get idle(): boolean {
    if (this.#shared.size > 0) return false;
    return FAMILIES.every((family) => this.families[family].isDecided && this.groups[family].idle);
  }

  run(deadline: number): boolean {
    if (this.deferred) return false;
    const fresh = this.#fresh;
    this.#fresh = false;
    let more = false;
    for (const family of FAMILIES) {
      const decided = !this.families[family].isDecided;
      const undecided = this.families[family].decide(this.now, deadline, this.#decided[family]);
      const unsent = this.groups[family].run(this.now, deadline, fresh || decided);
      if (undecided || unsent) more = true;
    }
    return more;
  }
}
