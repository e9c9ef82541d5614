import type { Problem, ProblemCode } from '../problem.ts';

/** Problems of one object that are kept: whoever repairs these sees the next ones. */
const MAX_PROBLEMS = 32;

/** The problems of one object, as they are found. */
export class Report {
  readonly #subject: string;
  readonly #problems: Problem[] = [];

  /** `subject` names the object: `BGPPeer rack-1`. */
  constructor(subject: string) {
    this.#subject = subject;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** True once something was found that makes the whole object count as absent. */
  get broken(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error');
  }

  error(code: ProblemCode, field: string, message: string, cure: string): undefined {
    this.#add('error', code, field, message, cure);
  }

  warning(code: ProblemCode, field: string, message: string, cure: string): undefined {
    this.#add('warning', code, field, message, cure);
  }

  /** Runs `read` so that what would break the object only warns: the value alone is absent. */
  lenient<T>(read: (inner: Report) => T): T {
    const inner = new Report(this.#subject);
    const result = read(inner);
    for (const problem of inner.problems) this.#keep({ ...problem, severity: 'warning' });
    return result;
  }

  #add(
    severity: Problem['severity'],
    code: ProblemCode,
    field: string,
    message: string,
    cure: string,
  ): void {
    const where = field === '' ? this.#subject : `${this.#subject}, ${field}`;
    this.#keep({ code, severity, where, message, cure });
  }

  /** The first error is kept in any case, since it makes the object absent. */
  #keep(problem: Problem): void {
    const first = problem.severity === 'error' && !this.broken;
    if (first || this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }
}
