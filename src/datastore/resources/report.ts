import type { Problem, ProblemCode } from '../problem.ts';

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
    for (const problem of inner.problems) this.#problems.push({ ...problem, severity: 'warning' });
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
    this.#problems.push({ code, severity, where, message, cure });
  }
}
