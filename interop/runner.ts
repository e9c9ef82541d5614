/** Where the parties of a scenario run: network namespaces here, containers of a podman runner alike. */
export interface Runner {
  /** Hosts with a network stack of their own, joined by one Ethernet segment. */
  lan(names: readonly string[]): Promise<readonly Host[]>;
  /** Ends what runs and removes everything that was made; safe to call twice. */
  close(): Promise<void>;
}

export interface Host {
  readonly name: string;
  /** Of the interface `eth0`, in networks of 24 and 64 bits that all hosts share. */
  readonly ipv4: string;
  readonly ipv6: string;
  readonly linkLocal: string;
  readonly ethernet: string;
  /** A folder of this host's own, as its programs see it. */
  readonly folder: string;
  /** Path of its network namespace. */
  readonly namespace: string;
  /** Writes a file into `folder` and returns its path. */
  write(name: string, text: string): string;
  /** The text of a file in `folder`; undefined when there is none. */
  read(name: string): string | undefined;
  /** Starts a program in the foreground; its output goes to a log named `log`. */
  start(log: string, argv: readonly string[]): Program;
  /** Runs a program to its end and returns its standard output; throws when it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** The end of every log, for the report of a failure. */
  logTails(lines: number): readonly LogTail[];
}

export interface LogTail {
  readonly log: string;
  readonly text: string;
}

/** A running daemon. */
export interface Program {
  /** File that its output goes to. */
  readonly log: string;
  readonly running: boolean;
  /** Everything that it has printed. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it with `signal` and waits until it is gone. */
  stop(signal: NodeJS.Signals): Promise<void>;
}
