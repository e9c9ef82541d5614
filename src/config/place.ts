/** One thing wrong in a written configuration. */
export interface ConfigProblem {
  /** Path of the value as a person writes it: `peers[3].holdTime`; empty for the whole. */
  readonly where: string;
  /** The same path as a JSON pointer, RFC 6901. */
  readonly pointer: string;
  readonly message: string;
  /** One imperative sentence. */
  readonly cure: string;
}

/** What the defaults of a nested object may depend on. */
export interface Surroundings {
  /** The speaker's AS number; undefined where it is missing or wrong. */
  readonly asn: number | undefined;
}

/** Where in the written configuration a value stands; collects the problems found there. */
export class Place {
  readonly surroundings: Surroundings;
  readonly #path: readonly (string | number)[];
  readonly #problems: ConfigProblem[];

  constructor(
    surroundings: Surroundings,
    problems: ConfigProblem[],
    path: readonly (string | number)[] = [],
  ) {
    this.surroundings = surroundings;
    this.#problems = problems;
    this.#path = path;
  }

  /** Problems found so far, anywhere. */
  get problemCount(): number {
    return this.#problems.length;
  }

  at(step: string | number): Place {
    return new Place(this.surroundings, this.#problems, [...this.#path, step]);
  }

  report(message: string, cure: string): undefined {
    const pointer = this.#path.map((step) => `/${escapeStep(String(step))}`).join('');
    this.#problems.push({ where: this.#path.reduce<string>(extend, ''), pointer, message, cure });
    return undefined;
  }
}

const escapeStep = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');

function extend(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return path === '' ? step : `${path}.${step}`;
}
