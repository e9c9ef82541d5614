import { parsePrefix } from '../net/prefix.ts';
import type { RouteRow } from '../server/view.ts';
import { ageOf } from './age.ts';
import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import type { Io } from './io.ts';
import { type CommandLine, usage } from './options.ts';
import { formatOf, OUTPUT_OPTION, printRows } from './output.ts';
import type { Column } from './table.ts';

export const command: Command = {
  syntax: {
    name: 'routes',
    summary: 'The routes of a daemon: all paths, or what a peer sent or is sent.',
    operands: '[PREFIX]',
    count: [0, 1],
    options: {
      in: { value: 'ADDR', help: 'what this peer sent, before import policy' },
      out: { value: 'ADDR', help: 'what this peer is sent' },
      filtered: { help: 'only what was refused, with the reason' },
      limit: { value: 'N', help: 'at most so many' },
      output: OUTPUT_OPTION,
      socket: SOCKET_OPTION,
    },
  },
  run: async (line, io) => {
    const target = `/api/v1/routes${queryOf(line)}`;
    const daemon = await findDaemon(line, io);
    const rows = daemon.rows(target) as AsyncGenerator<RouteRow>;
    const count = await printRows(rows, routeColumns(io), formatOf(line), io);
    return count === 0 && line.operands.length > 0 ? 2 : 0;
  },
};

function queryOf(line: CommandLine): string {
  const query = new URLSearchParams();
  const [prefix] = line.operands;
  if (prefix !== undefined && parsePrefix(prefix) === undefined) {
    throw usage(`${prefix} is not a prefix; write it as 10.1.0.0/26 or 2001:db8::/64`);
  }
  if (line.has('in') && line.has('out')) throw usage('options --in and --out: give one of them');
  if (prefix !== undefined) query.set('prefix', prefix);
  for (const name of ['in', 'out', 'limit']) {
    const value = line.get(name);
    if (value !== undefined) query.set(name, value);
  }
  if (line.has('filtered')) query.set('filtered', 'true');
  return query.size === 0 ? '' : `?${query}`;
}

/** The columns of a table of routes. */
export const routeColumns = (io: Io): readonly Column<RouteRow>[] => [
  { title: 'Prefix', text: ({ prefix, pathId }) => withPathId(prefix, pathId) },
  { title: 'State', text: ({ state, stale }) => (stale ? `${state} (stale)` : state) },
  { title: 'Next hop', text: ({ nextHop, interface: device }) => nextHop ?? device ?? '-' },
  { title: 'From', text: ({ peer, source }) => peer ?? source },
  { title: 'LocPrf', align: 'right', text: ({ localPref }) => String(localPref ?? '-') },
  { title: 'MED', align: 'right', text: ({ med }) => String(med ?? '-') },
  { title: 'AS path', text: ({ asPath, origin }) => pathText(asPath, origin) },
  { title: 'Age', align: 'right', text: ({ since }) => ageOf(since, io.clock) },
  { title: 'Metric', wide: true, align: 'right', text: ({ metric }) => String(metric ?? '-') },
  { title: 'Communities', wide: true, text: ({ communities }) => communities?.join(' ') || '-' },
  { title: 'Originator', wide: true, text: ({ originatorId }) => originatorId ?? '-' },
  { title: 'Clusters', wide: true, text: ({ clusterList }) => clusterList?.join(' ') || '-' },
  { title: 'Reason', text: ({ reason }) => reason },
];

const withPathId = (prefix: string, pathId: number | undefined): string =>
  pathId === undefined ? prefix : `${prefix} #${pathId}`;

/** The path with ORIGIN's customary letter behind it. */
function pathText(path: string | undefined, origin: RouteRow['origin']): string {
  if (origin === undefined) return path ?? '-';
  const letter = { igp: 'i', egp: 'e', incomplete: '?' }[origin];
  return path === undefined || path === '' ? letter : `${path} ${letter}`;
}
