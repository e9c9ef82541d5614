/** What a daemon is to be in a scenario: a reflector that waits for all peers as its clients. */
export interface Task {
  /** Where its files are, and where it may write. */
  readonly directory: string;
  readonly address: string;
  readonly asn: number;
  readonly clients: readonly string[];
}

/** A daemon without FIB and policies, listening at port 179 of `address` in the foreground. */
export interface Daemon {
  readonly name: string;
  /** What must be there for it to run. */
  readonly binary: string;
  files(task: Task): Readonly<Record<string, string>>;
  command(task: Task): readonly string[];
}
