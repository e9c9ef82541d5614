import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { tableOf } from './figures.ts';
import { plotOf } from './plot.ts';
import type { Options, Row, Scenario } from './scenario.ts';
import { type Result, summaryOf } from './summary.ts';

const SCENARIOS = path.join(import.meta.dirname, 'scenarios');

const USAGE = `npm run bench -- [--scenario NAME,…] [--targets bengal,bird,frr,gobgp,openbgpd] [--plays N] [--runs N] [--out DIR] [--list]
  Prints a Markdown table for each scenario and run, and with --runs one of all; --out also writes results.json and plots (SVG) there.
  With --plays each daemon is measured N times a run, in turns with the others, and the medians count.
  Quiet machine, please: CPU times of a busy one are too high, and wall times mean nothing.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true, default: [] },
      targets: { type: 'string', default: 'bengal,bird,frr,gobgp,openbgpd' },
      plays: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1' },
      out: { type: 'string' },
      list: { type: 'boolean', default: false },
      /** Runs this one scenario here and prints its rows as JSON. */
      inside: { type: 'string' },
    },
  });
  const scenarios = await allScenarios();
  const plays = count('--plays', values.plays);
  const runs = count('--runs', values.runs);
  const options: Options = { targets: values.targets.split(','), plays };
  if (values.inside !== undefined) return inside(named(scenarios, values.inside), options);
  if (values.list) return list(scenarios);
  const names = values.scenario.flatMap((at) => at.split(','));
  const wanted = names.length === 0 ? scenarios : names.map((name) => named(scenarios, name));
  console.log(`${new Date().toISOString()}, Node ${process.version}, ${cpus().length} CPUs\n`);
  const results: Result[] = [];
  let failed = 0;
  for (let run = 1; run <= runs; run++) {
    for (const scenario of wanted) {
      console.log(`## ${scenario.name}, run ${run}\n\n${scenario.about}\n`);
      const rows = await outside(scenario, options);
      console.log(`${rows === undefined ? 'failed' : tableOf(rows)}\n`);
      if (rows === undefined) failed++;
      else results.push({ scenario: scenario.name, run, rows });
      if (values.out !== undefined && rows !== undefined)
        write(values.out, scenario, rows, results);
    }
  }
  if (runs > 1) console.log(`## All runs\n\n${summaryOf(results)}\n`);
  return failed === 0 ? 0 : 1;
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${option} ${text} is no number above 0\n${USAGE}`);
}

async function allScenarios(): Promise<readonly Scenario[]> {
  const files = readdirSync(SCENARIOS).sort();
  const modules = await Promise.all(
    files.map(
      async (file): Promise<{ scenarios: readonly Scenario[] }> =>
        import(path.join(SCENARIOS, file)),
    ),
  );
  return modules.flatMap(({ scenarios }) => scenarios);
}

function named(scenarios: readonly Scenario[], name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}\n${USAGE}`);
  return found;
}

function list(scenarios: readonly Scenario[]): number {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, about, needsRoot } of scenarios)
    console.log(`${name.padEnd(width)}  ${about}${needsRoot ? ' (root)' : ''}`);
  console.log(`\n${USAGE}`);
  return 0;
}

async function inside(scenario: Scenario, options: Options): Promise<number> {
  const { log } = console;
  console.log = console.error;
  const rows = await scenario.run(options);
  log(JSON.stringify(rows));
  return 0;
}

/** In a process of its own: no scenario sees what another has loaded, compiled or left behind. */
async function outside(
  scenario: Scenario,
  { targets, plays }: Options,
): Promise<readonly Row[] | undefined> {
  if (scenario.needsRoot && process.getuid?.() !== 0) {
    console.error(`${scenario.name} makes network namespaces and must run as root`);
    return undefined;
  }
  const args = [...process.execArgv, import.meta.filename, '--inside', scenario.name];
  const how = ['--targets', targets.join(','), '--plays', String(plays)];
  const child = spawn(process.execPath, [...args, ...how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return code === 0 ? (JSON.parse(printed) as readonly Row[]) : undefined;
}

function write(
  directory: string,
  { name, growth }: Scenario,
  rows: readonly Row[],
  results: readonly Result[],
): void {
  mkdirSync(directory, { recursive: true });
  const document = { node: process.version, date: new Date().toISOString(), results };
  writeFileSync(path.join(directory, 'results.json'), `${JSON.stringify(document, null, 2)}\n`);
  if (growth === undefined) return;
  for (const what of new Set(rows.map((row) => row.what))) {
    const own = rows.filter((row) => row.what === what);
    for (const figure of growth.figures) {
      const file = `${name}-${what}-${figure}`.replaceAll(/[^a-z0-9]+/gi, '-');
      const plot = plotOf(`${name}, ${what}`, growth.size, figure, own);
      writeFileSync(path.join(directory, `${file}.svg`), plot);
    }
  }
}

process.exit(await main());
