import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Figures } from '../scenario.ts';
import { GENERATOR_CORE, onCore } from './cores.ts';
import { clientAddress, DAEMON_ADDRESS, type LoadNetwork } from './network.ts';

/** One step of a load, as the generator tells it. */
interface Phase {
  readonly phase: string;
  readonly ok: boolean;
  /** Seconds until all sessions were Established, in the step that opens them. */
  readonly t_up?: number;
  readonly t_done_max?: number;
  readonly dut_user: number;
  readonly dut_sys: number;
  readonly rss_kb: number;
  readonly hwm_kb: number;
  readonly announce_all_p50_us?: number;
  readonly announce_all_p99_us?: number;
}

/** Seconds that a daemon has for a load. */
export const PATIENCE = 240;

/** Compiles the generator. Throws, with what to do, where there is no C compiler. */
export function compileGenerator(): string {
  const binary = path.join(mkdtempSync(path.join(tmpdir(), 'bengal-bench-')), 'bgpload');
  const source = path.join(import.meta.dirname, 'bgpload.c');
  const { error, status } = spawnSync('cc', ['-O2', '-o', binary, source], { stdio: 'inherit' });
  if (error !== undefined)
    throw new Error('there is no C compiler `cc`: install gcc to measure daemons side by side');
  if (status !== 0) throw new Error(`cc could not compile ${source}`);
  return binary;
}

/** What came of a load. */
export interface Played {
  /** By the name of the step. */
  readonly figures: ReadonlyMap<string, Figures>;
  /** The step that the daemon did not bring to its end. */
  readonly unfinished: string | undefined;
}

/** Plays a load against the daemon whose processes are `pids`. */
export async function play(
  binary: string,
  network: LoadNetwork,
  pids: readonly number[],
  load: readonly string[],
): Promise<Played> {
  const places = ['--dut', DAEMON_ADDRESS, '--src-base', clientAddress(0)];
  const args = [...places, '--pids', pids.join(','), '--timeout', String(PATIENCE), ...load];
  const { stdout } = await promisify(execFile)(
    'ip',
    ['netns', 'exec', network.clients, ...onCore(GENERATOR_CORE, [binary, ...args])],
    { maxBuffer: 1 << 26 },
  ).catch(withPhases);
  const { phases } = JSON.parse(stdout) as { readonly phases: readonly Phase[] };
  const figures = phases.filter(({ ok }) => ok).map((at) => [at.phase, figuresOf(at)] as const);
  return { figures: new Map(figures), unfinished: phases.find(({ ok }) => !ok)?.phase };
}

/** A generator that gave a daemon up has told of the steps before. */
function withPhases(error: Error & { readonly stdout?: string }): { readonly stdout: string } {
  const { stdout = '' } = error;
  if (stdout.trimEnd().endsWith('}')) return { stdout };
  throw error;
}

function figuresOf(phase: Phase): Figures {
  const { announce_all_p50_us: median, announce_all_p99_us: p99 } = phase;
  const wall = phase.t_up ?? phase.t_done_max;
  return {
    'CPU s': phase.dut_user + phase.dut_sys,
    // -1 where the step has nothing to deliver.
    ...(wall !== undefined && wall >= 0 && { 'wall s': wall }),
    'peak MB': phase.hwm_kb / 1024,
    'RSS MB': phase.rss_kb / 1024,
    ...(median !== undefined && { 'median us': median }),
    ...(p99 !== undefined && { 'p99 us': p99 }),
  };
}
