import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Lacks, Missing } from './eventually.ts';
import { type Outcome, writeMatrix } from './matrix.ts';
import { removeDeadRuns } from './namespace-runner.ts';
import { type Place, placeOf } from './place.ts';
import { makeSpeaker, missingPackage, versionOf } from './products/installed.ts';
import type { Host, Runner } from './runner.ts';
import type { Bench, Scenario } from './scenario.ts';
import { PRODUCTS, type Product } from './speaker.ts';

const SCENARIOS = path.join(import.meta.dirname, 'scenarios');

const USAGE = `npm run interop -- [--case NAME]… [--peer frr,bird,…] [--subject bengal] [--jobs 2] [--list]
                   [--root DIR] [--runtime podman]
  --case calico    runs all that are named calico/…
  --write FILE     writes the matrix of cases and peers
  --subject bird   runs the same with another speaker in bengal's place, to tell whose fault it is
  --root DIR       takes everybody but bengal from there: other versions (interop/README.md)
  --runtime podman every party in a container of its own, made from --root`;

/** Everybody but ourselves. */
const PEERS = PRODUCTS.filter((product) => product !== 'bengal');

/** How many scenarios that mostly wait take the place of one that does not. */
const WAITING_PER_JOB = 3;

interface Run {
  readonly place: Place;
  readonly scenario: Scenario;
  readonly subject: Product;
  readonly peer: Product;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true, default: [] },
      peer: { type: 'string', default: PEERS.join(',') },
      subject: { type: 'string', default: 'bengal' },
      jobs: { type: 'string', default: '2' },
      list: { type: 'boolean', default: false },
      write: { type: 'string' },
      root: { type: 'string' },
      runtime: { type: 'string', default: 'namespaces' },
    },
  });
  const wanted = (await allScenarios()).filter(
    ({ name }) =>
      values.case.length === 0 ||
      values.case.some((named) => name === named || name.startsWith(`${named}/`)),
  );
  if (values.list) return list(wanted);
  const subject = product(values.subject);
  if (wanted.length === 0) throw new Error(`no such case\n${USAGE}`);
  const place = placeOf(values.runtime, values.root);
  const peers = present(values.peer.split(',').map(product), place);
  needAll([subject, ...peers], place);
  await removeDeadRuns();
  const runs = wanted.flatMap((scenario) => runsOf(scenario, peers, { place, subject }));
  if (runs.length === 0) throw new Error('no such case with such a peer');
  for (const { scenario } of runs) scenario.need?.();
  const jobs = Number(values.jobs);
  const [waiting, busy] = [true, false].map((waits) =>
    runs.filter(({ scenario }) => (scenario.waits ?? false) === waits),
  );
  const outcomes = [
    ...(await runAll(busy ?? [], jobs)),
    ...(await runAll(waiting ?? [], jobs * WAITING_PER_JOB)),
  ];
  if (values.write !== undefined) writeMatrix(values.write, inOrder(outcomes, runs), place);
  return conclude(outcomes);
}

function conclude(outcomes: readonly Outcome[]): number {
  const count = (verdict: Outcome['verdict']): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length;
  if (count('lacks') > 0) console.log(`${count('lacks')} that the peer lacks`);
  console.log(`${count('pass')} passed, ${count('FAIL')} failed`);
  return count('FAIL') === 0 ? 0 : 1;
}

function runsOf(
  scenario: Scenario,
  peers: readonly Product[],
  setting: Pick<Run, 'place' | 'subject'>,
): readonly Run[] {
  if (scenario.need !== undefined && !setting.place.plain) return [];
  return peers
    .filter((peer) => scenario.peers?.includes(peer) ?? true)
    .map((peer) => ({ ...setting, scenario, peer }));
}

/** Of every folder in `scenarios/`, in the order of their names. */
async function allScenarios(): Promise<readonly Scenario[]> {
  const all: Scenario[] = [];
  for (const name of readdirSync(SCENARIOS).sort()) {
    const module = (await import(`${SCENARIOS}/${name}/scenario.ts`)) as {
      readonly scenarios: readonly Scenario[];
    };
    all.push(...module.scenarios);
  }
  return all;
}

function list(scenarios: readonly Scenario[]): number {
  const widest = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, title } of scenarios) console.log(`${name.padEnd(widest)}  ${title}`);
  return 0;
}

function product(text: string): Product {
  const known = PRODUCTS.find((name) => name === text);
  if (known === undefined) throw new Error(`${text} is none of ${PRODUCTS.join(', ')}\n${USAGE}`);
  return known;
}

/** Says whom another root lacks, and what versions the others have. */
function present(products: readonly Product[], place: Place): readonly Product[] {
  if (place.plain) return products;
  return products.filter((each) => {
    const root = place.rootOf(each);
    const lacking = missingPackage(each, root);
    const words = lacking === undefined ? versionOf(each, root) : `skipped, no ${lacking} there`;
    console.log(`${root}: ${each} ${words}`);
    return lacking === undefined;
  });
}

function needAll(products: readonly Product[], place: Place): void {
  const packages = products.flatMap((each) => missingPackage(each, place.rootOf(each)) ?? []);
  if (packages.length > 0) throw new Error(`missing: apt-get install ${packages.join(' ')}`);
}

const inOrder = (outcomes: readonly Outcome[], runs: readonly Run[]): readonly Outcome[] =>
  runs.flatMap(
    ({ scenario, peer }) =>
      outcomes.find((outcome) => outcome.scenario === scenario && outcome.peer === peer) ?? [],
  );

/** Takes the runs in order, `jobs` at a time. */
async function runAll(runs: readonly Run[], jobs: number): Promise<readonly Outcome[]> {
  const queue = [...runs];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
      outcomes.push(await runOne(run));
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return outcomes;
}

async function runOne({ place, scenario, subject, peer }: Run): Promise<Outcome> {
  const began = Date.now();
  const runners: Runner[] = [];
  const hosts: Host[] = [];
  const lan: Bench['lan'] = async (names) => {
    const runner = place.runner();
    runners.push(runner);
    const made = await runner.lan(names);
    hosts.push(...made);
    return made;
  };
  const report = (verdict: Outcome['verdict'], more: string): Outcome => {
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
    const name = scenario.name.padEnd(27);
    const words = more === '' ? '' : `: ${more}`;
    console.log(`${verdict.padEnd(5)} ${seconds} s  ${name} ${subject} ↔ ${peer}${words}`);
    return { scenario, peer, verdict, words: more };
  };
  try {
    let more = '';
    const remark = (text: string): void => {
      more = text;
    };
    const first = scenario.hosts.length === 0 ? [] : await lan(scenario.hosts);
    await scenario.run({ ...speakersOf(place, subject, peer), hosts: first, lan, remark });
    return report('pass', more);
  } catch (error) {
    if (error instanceof Lacks) return report('lacks', error.message);
    const words = error instanceof Missing ? error.message : String((error as Error).stack);
    const outcome = report('FAIL', words);
    for (const host of hosts) printLogs(host);
    return outcome;
  } finally {
    for (const runner of runners) await runner.close();
  }
}

function speakersOf(
  place: Place,
  subject: Product,
  peer: Product,
): Pick<Bench, 'product' | 'subject' | 'peer'> {
  const speaker =
    (party: Product): Bench['peer'] =>
    (host, config) =>
      makeSpeaker(party, place.hostOf(party, host), config);
  return { product: subject, subject: speaker(subject), peer: speaker(peer) };
}

function printLogs(host: Host): void {
  for (const { log, text } of host.logTails(40)) {
    console.log(`  ${host.name}/${log}\n${text.replaceAll(/^/gm, '    ')}`);
  }
}

// Every network of hosts is removed at exit.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
