import type { Host } from './runner.ts';
import type { Product, Speaker, SpeakerConfig } from './speaker.ts';

/** One thing that two implementations must do together. */
export interface Scenario {
  readonly name: string;
  /** What it shows, in one line. */
  readonly title: string;
  /** Products that can be the peer; all of them unless given. */
  readonly peers?: readonly Product[];
  /** Names of the hosts, the subject's first. */
  readonly hosts: readonly string[];
  /** It mostly waits for timers: more of its kind may run at once. */
  readonly waits?: boolean;
  /**
   * Throws when this machine lacks a program that it needs. Whoever has this brings other programs
   * than the peer's: no other root and no container takes their place.
   */
  readonly need?: () => void;
  /** Throws when something is missing. */
  run(bench: Bench): Promise<void>;
}

export interface Bench {
  /** In the order of the scenario's `hosts`. */
  readonly hosts: readonly Host[];
  /** The subject's. */
  readonly product: Product;
  /** More hosts, on an Ethernet segment of their own. */
  lan(names: readonly string[]): Promise<readonly Host[]>;
  /** Says something about a success. */
  remark(text: string): void;
  /** The implementation under test on `host`. */
  subject(host: Host, config: SpeakerConfig): Speaker;
  /** The implementation that it must get along with. */
  peer(host: Host, config: SpeakerConfig): Speaker;
}

/** The hosts of a scenario that names exactly two, or three. */
export const pair = ({ hosts }: Bench): readonly [Host, Host] => pairOf(hosts);

export function pairOf([a, b]: readonly Host[]): readonly [Host, Host] {
  if (a === undefined || b === undefined) throw new Error('the scenario names too few hosts');
  return [a, b];
}

export function quintet(bench: Bench): readonly [Host, Host, Host, Host, Host] {
  const fifth = bench.hosts[4];
  if (fifth === undefined) throw new Error('the scenario names too few hosts');
  return [...quartet(bench), fifth];
}

export function quartet(bench: Bench): readonly [Host, Host, Host, Host] {
  const fourth = bench.hosts[3];
  if (fourth === undefined) throw new Error('the scenario names too few hosts');
  return [...trio(bench), fourth];
}

export function trio(bench: Bench): readonly [Host, Host, Host] {
  const third = bench.hosts[2];
  if (third === undefined) throw new Error('the scenario names too few hosts');
  return [...pair(bench), third];
}
