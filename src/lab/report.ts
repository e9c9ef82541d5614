import type { EchoReport } from './echo.ts';
import type { Observation } from './observation.ts';
import type { Score, Verdict } from './verdict.ts';

/** How the members stood at the end of a chapter. */
export interface Result {
  readonly chapter: string;
  readonly verdicts: readonly Verdict[];
}

const HEAD = ['STEP', 'MEMBER', 'ROLE', 'SESSIONS', 'RIB', 'FIB', 'ECHOES', 'ANSWERED', 'LOST'];

/** The one table of a lab that ran to its end. */
export function resultTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ chapter, verdicts }) =>
    verdicts.map(({ member, role, dead, sessions, rib, fib, echoes, answered, lost }) => [
      chapter,
      member,
      dead ? `${role} (dead)` : role,
      ...[sessions, rib, fib, echoes].map(scoreText),
      `${answered}`,
      `${lost}`,
    ]),
  );
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ');
  return all.map((row) => `${line(row).trimEnd()}\n`).join('');
}

const scoreText = ({ have, want }: Score): string => (want === 0 ? '-' : `${have}/${want}`);

/** The account of all echoes. */
export function echoSummary(echoes: readonly EchoReport[]): string {
  const sum = (of: (flow: EchoReport) => number): number =>
    echoes.reduce((so, flow) => so + of(flow), 0);
  const sent = sum((flow) => flow.sent);
  const answered = sum((flow) => flow.answered);
  const lost = sum((flow) => flow.lost);
  const rest = sent - answered - lost;
  const others = `${rest} too early for a way or still on theirs`;
  return `${sent} echoes sent, ${answered} answered, ${lost} lost, ${others}`;
}

/** What is missing, a line each. */
export function missingLines({ chapter, verdicts }: Result): readonly string[] {
  return verdicts.flatMap(({ member, missing }) =>
    missing.map((text) => `${chapter}: ${member}: ${text}\n`),
  );
}

/** What changed between two looks at a member, in words. */
export function news(before: Observation | undefined, now: Observation): readonly string[] {
  return [
    ...(now.problem !== undefined && now.problem !== before?.problem ? [now.problem] : []),
    ...sessionNews(before, now),
    ...routeNews(before, now),
  ].map((text) => `${now.member.padEnd(12)} ${text}\n`);
}

function sessionNews(before: Observation | undefined, now: Observation): readonly string[] {
  const gone = [...(before?.sessions.keys() ?? [])].filter((name) => !now.sessions.has(name));
  const moved = [...now.sessions].flatMap(([name, { state, reason }]) => {
    const was = before?.sessions.get(name)?.state;
    const telling = state === 'Established' || was === 'Established';
    if (was === state || !telling) return [];
    return [`session ${name} ${state}${state === 'Established' ? '' : ` (${reason})`}`];
  });
  return [...moved, ...gone.map((name) => `session ${name} removed`)];
}

function routeNews(before: Observation | undefined, now: Observation): readonly string[] {
  const textOf = ({ fib }: Observation): ReadonlySet<string> =>
    new Set(fib.map(({ prefix, nextHop }) => `${prefix} via ${nextHop}`));
  const had = before === undefined ? new Set<string>() : textOf(before);
  const has = textOf(now);
  return [
    ...[...has].filter((route) => !had.has(route)).map((route) => `kernel route ${route}`),
    ...[...had].filter((route) => !has.has(route)).map((route) => `kernel route ${route} gone`),
  ];
}

/** Flows that were answered for the first time, and losses since the last look. */
export function echoNews(
  before: readonly EchoReport[],
  now: readonly EchoReport[],
): readonly string[] {
  return now.flatMap(({ member, from, to, answered, lost }, index) => {
    const was = before[index] ?? { answered: 0, lost: 0 };
    const lines: string[] = [];
    if (answered > 0 && was.answered === 0) lines.push(`echo ${from} → ${to} answered`);
    if (lost > was.lost) lines.push(`echo ${from} → ${to}: ${lost - was.lost} LOST`);
    return lines.map((text) => `${member.padEnd(12)} ${text}\n`);
  });
}
