import { keyOf, type Resource } from '../datastore/datastore.ts';
import { etcdKeyOf } from '../datastore/etcd/keys.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import { seededRandom } from '../runtime/random.ts';
import { checkPlan } from './check-plan.ts';
import { ECHO_PATIENCE, type EchoReport, flowsOf } from './echo.ts';
import { MemoryLab } from './memory-lab.ts';
import { obstacleToNamespaces } from './mode.ts';
import { LAB_LABEL, NamespaceLab } from './namespace-lab.ts';
import { removeLeftovers } from './namespaces.ts';
import type { Observation } from './observation.ts';
import { type Plan, planOf } from './plan.ts';
import { echoNews, echoSummary, missingLines, news, type Result, resultTable } from './report.ts';
import type { RunningLab } from './running-lab.ts';
import { Source } from './source.ts';
import { type Chapter, chaptersOf, checkDeeds, type Deed, overlaid } from './story.ts';
import { judge, type Verdict } from './verdict.ts';

export interface LabOptions {
  /** Directory of resources that describes the cluster. */
  readonly directory: string;
  /** Plays the whole story, prints a table and ends. */
  readonly once: boolean;
  /** Where the members read their resources. */
  readonly datastore: 'file' | 'etcd';
  readonly clock: Clock;
  readonly write: (text: string) => Promise<void>;
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal;
  /** The command line that starts bengal, for the members' processes. */
  readonly program: readonly string[];
}

/** Name of the first chapter, which changes nothing. */
const BEGINNING = 'start';
/** Milliseconds between two looks at the cluster. */
const LOOK = 250;
/** Milliseconds that a chapter may take until everything is there. */
const CHAPTER_LIMIT = 60_000;
/** Milliseconds for which a state is held, so that a person, or an echo's patience, sees it. */
const PAUSE = { once: ECHO_PATIENCE + LOOK, watched: 5_000 };

/**
 * Runs the cluster that a directory describes, then changes it by the files of `then/`, one after
 * another, while echoes run. Resolves to 2 when something was missing, else to 0.
 */
export async function runLab(options: LabOptions): Promise<0 | 2> {
  const source = new Source(options.directory, options.clock);
  try {
    return await new Lab(options, source).run();
  } finally {
    source.stop();
  }
}

class Lab {
  readonly #options: LabOptions;
  readonly #source: Source;
  readonly #seen = new Map<string, Observation>();
  readonly #warned = new Set<string>();
  /** Of those warnings, what made an object count as absent. */
  #absent = 0;
  readonly #dead = new Set<string>();
  #echoes: readonly EchoReport[] = [];
  /** What the chapters so far have put over the directory. */
  #later: readonly Resource[] = [];

  constructor(options: LabOptions, source: Source) {
    this.#options = options;
    this.#source = source;
  }

  async run(): Promise<0 | 2> {
    const { directory, signal, once } = this.#options;
    const chapters = chaptersOf(directory);
    const plan = this.#plan();
    for (const problem of plan.problems) await this.#warn(problem);
    checkPlan(plan);
    checkDeeds(
      chapters,
      plan.members.map(({ name }) => name),
    );
    const lab = await this.#open();
    try {
      await lab.start();
      this.#follow(lab);
      await this.#tell(`${lab.hint}\n`);
      lab.startEchoes(flowsOf(this.#plan()));
      const results = await this.#play(lab, chapters);
      const failed = this.#absent > 0 || results.some(({ verdicts }) => !complete(verdicts));
      if (signal.aborted) return failed ? 2 : 0;
      await this.#conclude(results);
      if (!once) await this.#watch(lab);
      return failed ? 2 : 0;
    } finally {
      await lab.stop();
    }
  }

  async #open(): Promise<RunningLab> {
    const { clock, program, write, datastore } = this.#options;
    const resources = this.#resources().filter((resource) => this.#hasPlace(resource));
    const obstacle = await obstacleToNamespaces(LAB_LABEL);
    if (obstacle !== undefined) {
      if (datastore === 'etcd') throw etcdNeedsNamespaces(obstacle);
      await write(`Lab in this process, with FIBs in memory: ${obstacle}\n`);
      return new MemoryLab(resources, clock, seededRandom(1));
    }
    await removeLeftovers(LAB_LABEL);
    await write('Lab in network namespaces, with real kernel FIBs\n');
    return new NamespaceLab({ resources, datastore, clock, program });
  }

  /** What a person changes in the directory reaches the cluster, unless a chapter has changed it. */
  #follow(lab: RunningLab): void {
    const { write } = this.#options;
    const isOurs = (key: string): boolean => this.#later.some((at) => keyOf(at) === key);
    const tell = (error: Error): void =>
      void write(`${error instanceof BengalError ? error.describe() : error.message}\n`);
    this.#source.follow({
      put: (resource) => {
        if (!isOurs(keyOf(resource))) lab.apply([resource]).catch(tell);
      },
      delete: (key) => {
        if (!isOurs(key)) lab.delete(key).catch(tell);
      },
      problem: tell,
    });
  }

  async #play(lab: RunningLab, chapters: readonly Chapter[]): Promise<readonly Result[]> {
    const results = [await this.#chapter(lab, { name: BEGINNING, resources: [], deeds: [] })];
    for (const chapter of chapters) {
      const last = results.at(-1);
      if (this.#options.signal.aborted || (last !== undefined && !complete(last.verdicts))) break;
      results.push(await this.#chapter(lab, chapter));
    }
    return results;
  }

  /** Puts a chapter in force and waits until all that it asks for is there. */
  async #chapter(lab: RunningLab, { name, resources, deeds }: Chapter): Promise<Result> {
    const { clock, once, signal } = this.#options;
    if (name !== BEGINNING) await this.#tell(`--- ${name}\n`);
    this.#later = overlaid(this.#later, resources);
    await lab.apply(resources);
    for (const deed of deeds) await this.#do(deed, lab);
    const end = clock.now() + CHAPTER_LIMIT;
    let verdicts = await this.#look(lab);
    while (!complete(verdicts) && clock.now() < end && !signal.aborted) {
      await this.#sleep(LOOK);
      verdicts = await this.#look(lab);
    }
    const until = clock.now() + (once ? PAUSE.once : PAUSE.watched);
    while (complete(verdicts) && clock.now() < until && !signal.aborted) {
      await this.#sleep(LOOK);
      verdicts = await this.#look(lab);
    }
    return { chapter: name, verdicts };
  }

  async #do({ kind, member }: Deed, lab: RunningLab): Promise<void> {
    if (kind === 'Kill') {
      this.#dead.add(member);
      await lab.kill(member);
    } else {
      this.#dead.delete(member);
      await lab.replace(member);
    }
    await this.#tell(`${member.padEnd(12)} ${kind === 'Kill' ? 'killed' : 'replaced'}\n`);
  }

  async #watch(lab: RunningLab): Promise<void> {
    await this.#tell('Echoes go on, and changes of the directory count; Ctrl-C ends the lab\n');
    while (!this.#options.signal.aborted) {
      await this.#sleep(LOOK);
      await this.#look(lab);
    }
  }

  /** One look at everything; what is new since the last is told. */
  async #look(lab: RunningLab): Promise<readonly Verdict[]> {
    const observations = await lab.observe();
    const echoes = lab.echoes();
    for (const now of observations) {
      const isDead = this.#dead.has(now.member);
      const lines = isDead ? [] : news(this.#seen.get(now.member), now);
      for (const line of lines) await this.#tell(line);
      this.#seen.set(now.member, now);
    }
    for (const line of echoNews(this.#echoes, echoes)) await this.#tell(line);
    this.#echoes = echoes;
    const plan = this.#plan();
    for (const problem of plan.problems) await this.#warn(problem);
    for (const resource of this.#resources())
      if (!this.#hasPlace(resource)) await this.#warn(noPlace(resource));
    return judge(plan, observations, echoes, this.#dead);
  }

  /** Tells what the resources have wrong, each once. */
  async #warn({ severity, where, message, cure }: Complaint): Promise<void> {
    const text = `${where}: ${message} (${cure})\n`;
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    if (severity === 'error') this.#absent++;
    await this.#options.write(text);
  }

  async #conclude(results: readonly Result[]): Promise<void> {
    const { write } = this.#options;
    await write(resultTable(results));
    const missing = results.flatMap(missingLines);
    for (const line of missing) await write(line);
    const all = missing.length === 0 ? 'everything is there' : `${missing.length} missing`;
    const absent = `${this.#absent} ${this.#absent === 1 ? 'object counts' : 'objects count'} as absent`;
    const verdict = this.#absent === 0 ? all : `${all}; ${absent}`;
    await write(`${verdict}; ${echoSummary(this.#echoes)}\n`);
  }

  #plan(): Plan {
    return planOf(this.#resources().filter((resource) => this.#hasPlace(resource)));
  }

  #resources(): readonly Resource[] {
    return overlaid(this.#source.resources, this.#later);
  }

  #hasPlace(resource: Resource): boolean {
    return this.#options.datastore === 'file' || etcdKeyOf(resource) !== undefined;
  }

  /** The running commentary: `once` does without, and Ctrl-C, which our own tools feel too, ends it. */
  async #tell(text: string): Promise<void> {
    const { once, signal, write } = this.#options;
    if (!once && !signal.aborted) await write(text);
  }

  #sleep(milliseconds: number): Promise<void> {
    const { clock, signal } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimer('lab', milliseconds, () => {
        signal.removeEventListener('abort', wake);
        resolve();
      });
      const wake = (): void => {
        timer.cancel();
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

type Complaint = Pick<Problem, 'severity' | 'where' | 'message' | 'cure'>;

const noPlace = ({ apiVersion, kind, metadata }: Resource): Complaint => ({
  severity: 'warning',
  where: `${kind} ${metadata.name}`,
  message: `etcd has no place for ${apiVersion}, and the lab has no API server; it counts as absent`,
  cure: 'Leave it out, or use --datastore file',
});

const etcdNeedsNamespaces = (obstacle: string): BengalError =>
  new BengalError('etcd-needs-namespaces', `needs network namespaces, but ${obstacle}`, {
    where: 'option --datastore etcd',
    cure: 'Run it where they are permitted, or leave the option out',
  });

const complete = (verdicts: readonly Verdict[]): boolean =>
  verdicts.every(({ missing }) => missing.length === 0);
