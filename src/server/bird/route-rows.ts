import type { RouteRow } from '../view.ts';
import { type Line, line, oneLine } from './lines.ts';
import { sinceText } from './time-text.ts';

/** A route as BIRD's table has it. */
export interface ShownRoute {
  readonly row: RouteRow;
  /** Attributes as sent, where an export is asked for. */
  readonly sent?: RouteRow;
  /** Equal next hops, where the kernel is given several. */
  readonly hops?: readonly RouteRow[];
}

/** What the rows of an answer have in common. */
export interface RowContext {
  readonly now: number;
  readonly verbose: boolean;
  /** Address of a peer by its name. */
  readonly addresses: ReadonlyMap<string, string>;
}

const LOCAL_PROTOCOLS = {
  static: 'static1',
  kernel: 'kernel1',
  direct: 'direct1',
  bgp: '',
} as const;

/** The protocol that a route comes from, as BIRD names it. */
export const protocolOf = ({ source, peer }: RouteRow): string => peer ?? LOCAL_PROTOCOLS[source];

/** The lines of one route; `first` when its prefix was not written yet. */
export function* routeLines(
  shown: ShownRoute,
  first: boolean,
  context: RowContext,
): Generator<Line> {
  const { row, hops = [] } = shown;
  const prefix = (first ? row.prefix : '').padEnd(18);
  const via = hops.length > 1 ? 'multipath' : viaText(row);
  const time = sinceText(row.since, context.now);
  const origin = `[${oneLine(protocolOf(row))} ${time}${fromText(row, context)}]`;
  const mark = row.state === 'best' && hops.length < 2 ? ' *' : '';
  yield line(1007, `${prefix} ${via} ${origin}${mark}${infoText(shown)}`);
  if (hops.length > 1) {
    for (const hop of hops) yield line(1007, `\t${viaText(hop)} weight 1`);
  }
  if (context.verbose) yield* attributeLines(shown);
}

/** Where a route leads: to a gateway on a link, to a link alone, or only a word for where. */
export interface Way {
  readonly gateway?: string;
  readonly device?: string;
  readonly word?: string;
}

export function wayOf(row: RouteRow): Way {
  const { type, state, source, interface: device = '' } = row;
  if (type !== undefined && type !== 'unicast') return { word: NO_WAY[type] };
  const gateway = row.gateway ?? row.nextHop;
  if (source === 'bgp' && row.gateway === undefined && device === '' && state === 'unresolved') {
    return { word: NO_WAY.unreachable };
  }
  if (gateway === undefined) return device === '' ? { word: 'multipath' } : { device };
  return { gateway, device };
}

function viaText(row: RouteRow): string {
  const { gateway, device, word } = wayOf(row);
  return word ?? (gateway === undefined ? `dev ${device}` : `via ${gateway} on ${device}`);
}

const NO_WAY = {
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibited',
} as const;

/** BIRD says who told a route when packets go to somebody else. */
function fromText({ peer, gateway, nextHop }: RouteRow, { addresses }: RowContext): string {
  const from = peer === undefined ? undefined : addresses.get(peer);
  return from === undefined || from === (gateway ?? nextHop) ? '' : ` from ${from}`;
}

function infoText({ row, sent }: ShownRoute): string {
  if (row.source !== 'bgp') return ` (${row.preference})`;
  const { asPath, origin } = sent ?? row;
  const stale = row.stale ? 's' : '';
  const metric = row.state === 'unresolved' ? '/-' : '/0';
  return ` (${row.preference}${stale}${metric}) [${originAsn(asPath)}${ORIGIN_LETTERS[origin ?? 'incomplete']}]`;
}

const ORIGIN_LETTERS = { igp: 'i', egp: 'e', incomplete: '?' } as const;

const ORIGIN_WORDS = { igp: 'IGP', egp: 'EGP', incomplete: 'Incomplete' } as const;

/** The AS that originated a route; none when the path is empty or ends with a set. */
function originAsn(asPath = ''): string {
  const last = asPath.split(' ').at(-1) ?? '';
  return /^\d+$/.test(last) ? `AS${last}` : '';
}

const TYPES = { static: 'static', kernel: 'inherit', direct: 'device', bgp: 'BGP' } as const;

function* attributeLines({ row, sent }: ShownRoute): Generator<Line> {
  yield line(1008, `\tType: ${TYPES[row.source]} unicast univ`);
  if (row.source === 'kernel') yield line(1012, `\tKernel.metric: ${row.metric ?? 0}`);
  const attributes = sent ?? (row.source === 'bgp' ? row : undefined);
  if (attributes === undefined) return;
  for (const text of bgpAttributes(attributes)) yield line(1012, `\tBGP.${text}`);
}

function* bgpAttributes(row: RouteRow): Generator<string> {
  const communities = row.communities?.map((text) => text.split(':')) ?? [];
  const standard = communities.filter(({ length }) => length === 2);
  const large = communities.filter(({ length }) => length === 3);
  if (row.origin !== undefined) yield `origin: ${ORIGIN_WORDS[row.origin]}`;
  yield `as_path: ${row.asPath ?? ''}`;
  if (row.nextHop !== undefined) yield `next_hop: ${row.nextHop}`;
  if (row.med !== undefined) yield `med: ${row.med}`;
  if (row.localPref !== undefined) yield `local_pref: ${row.localPref}`;
  if (standard.length > 0)
    yield `community: ${standard.map((at) => `(${at.join(',')})`).join(' ')}`;
  if (row.originatorId !== undefined) yield `originator_id: ${row.originatorId}`;
  if (row.clusterList !== undefined) yield `cluster_list: ${row.clusterList.join(' ')}`;
  if (large.length > 0)
    yield `large_community: ${large.map((at) => `(${at.join(', ')})`).join(' ')}`;
}
