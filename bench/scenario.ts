/** Figures of one run, by name with unit: `CPU s`. */
export type Figures = Readonly<Record<string, number>>;

/** One line of a scenario's table. */
export interface Row {
  readonly what: string;
  /** Whose figures these are; those of others stand in relation to bengal's. */
  readonly target: string;
  readonly figures: Figures;
  /** The size of the task, where the scenario is about growth. */
  readonly size?: number;
}

/** What growth is plotted: each figure of every target against the size of the task. */
export interface Growth {
  readonly size: string;
  readonly figures: readonly string[];
}

export interface Options {
  /** Daemons to measure, where a scenario is about daemons. */
  readonly targets: readonly string[];
  /** Times that each of them is measured, in turns; the medians count. */
  readonly plays: number;
}

export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  readonly needsRoot: boolean;
  readonly growth?: Growth;
  /** Runs in a process of its own; whatever it prints is progress. */
  run(options: Options): Promise<readonly Row[]>;
}
