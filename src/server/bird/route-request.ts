import { parseAddress } from '../../net/address.ts';
import { type Family, maxLengthOf } from '../../net/family.ts';
import { maskedPrefix, type Prefix, parsePrefix, prefixFamily } from '../../net/prefix.ts';
import type { RouteRow } from '../view.ts';
import { end, type Line } from './lines.ts';

/** `show route …`, understood. */
export interface RouteRequest {
  /** One prefix, or with `covering` the longest one around it. */
  readonly prefix?: Prefix;
  readonly covering?: boolean;
  readonly verbose?: boolean;
  /** Only the best route of each prefix. */
  readonly primary?: boolean;
  /** Only what import policy refused. */
  readonly filtered?: boolean;
  readonly count?: boolean;
  readonly stats?: boolean;
  /** Only the routes of this protocol. */
  readonly protocol?: string;
  readonly exported?: { readonly mode: ExportMode; readonly protocol: string };
  readonly where?: (row: RouteRow) => boolean;
}

/** What a protocol is given; what its filter is asked about; what its filter refuses. */
export type ExportMode = 'export' | 'preexport' | 'noexport';

export type Parsed = { readonly request: RouteRequest } | { readonly refused: Line };

interface Step {
  readonly request: RouteRequest;
  readonly rest: readonly string[];
}

const SYNTAX_ERROR = { refused: end(9001, 'syntax error') } as const;

const SWITCHES: ReadonlyMap<string, RouteRequest> = new Map<string, RouteRequest>([
  ['all', { verbose: true }],
  ['primary', { primary: true }],
  ['filtered', { filtered: true }],
  ['count', { count: true }],
  ['stats', { stats: true }],
]);

/** Reads the words behind `show route`. `names` are the protocols that exist. */
export function parseRouteRequest(
  words: readonly string[],
  family: Family,
  names: ReadonlySet<string>,
): Parsed {
  let request: RouteRequest = {};
  let rest = words;
  while (rest.length > 0) {
    const step = readStep(rest, family, names, request);
    if ('refused' in step) return step;
    request = { ...request, ...step.request };
    rest = step.rest;
  }
  return { request };
}

function readStep(
  [word = '', ...rest]: readonly string[],
  family: Family,
  names: ReadonlySet<string>,
  before: RouteRequest,
): Step | { readonly refused: Line } {
  const known = SWITCHES.get(word);
  if (known !== undefined) return { request: known, rest };
  const [operand = '', ...behind] = rest;
  switch (word) {
    case 'table':
      if (operand === 'master') return { request: {}, rest: behind };
      return operand === '' ? SYNTAX_ERROR : refused(`${operand} is not a table`);
    case 'protocol':
      return namedStep(operand, names, { request: { protocol: operand }, rest: behind });
    case 'export':
    case 'preexport':
    case 'noexport': {
      const exported = { mode: word, protocol: operand };
      return namedStep(operand, names, { request: { exported }, rest: behind });
    }
    case 'where':
    case 'filter':
      return conditionStep(word, rest);
    case 'for':
      if (operand === '') return SYNTAX_ERROR;
      return prefixStep(operand, family, before, { request: { covering: true }, rest: behind });
    default:
      return prefixStep(word, family, before, { request: {}, rest });
  }
}

const refused = (text: string): { readonly refused: Line } => ({ refused: end(9001, text) });

function namedStep(
  name: string,
  names: ReadonlySet<string>,
  step: Step,
): ReturnType<typeof readStep> {
  if (name === '') return SYNTAX_ERROR;
  return names.has(name) ? step : refused(`${name} is not a protocol`);
}

function prefixStep(
  text: string,
  family: Family,
  before: RouteRequest,
  { request, rest }: Step,
): ReturnType<typeof readStep> {
  if (before.prefix !== undefined) return SYNTAX_ERROR;
  const prefix = prefixIn(text, family);
  if (prefix !== undefined) return { request: { ...request, prefix }, rest };
  const looksLikeIpv4 = /^\d+\.\d+\.\d+\.\d+$/.test(text) && parseAddress(text) === undefined;
  return looksLikeIpv4 ? refused(`Invalid IPv4 address ${text}`) : SYNTAX_ERROR;
}

function prefixIn(text: string, family: Family): Prefix | undefined {
  const address = parseAddress(text);
  const prefix =
    address === undefined
      ? parsePrefix(text)
      : maskedPrefix(address, address.length === 4 ? 32 : 128);
  if (prefix === undefined || prefixFamily(prefix) !== family) return undefined;
  return prefix.length <= maxLengthOf(family) ? prefix : undefined;
}

/** The few conditions that tools use; everything behind `where` or `filter` belongs to them. */
function conditionStep(word: string, rest: readonly string[]): ReturnType<typeof readStep> {
  const options = rest.findLastIndex((at) => !SWITCHES.has(at)) + 1;
  const text = rest.slice(0, options).join(' ');
  const where = word === 'where' ? conditionOf(text) : blockOf(text);
  if (where === undefined) return refused('filters are not supported by bengal');
  return { request: { where }, rest: rest.slice(options) };
}

function blockOf(text: string): RouteRequest['where'] {
  const verdict = /^\{ ?(accept|reject) ?; ?\}$/.exec(text)?.[1];
  return verdict === undefined ? undefined : () => verdict === 'accept';
}

const SOURCES: ReadonlyMap<string, RouteRow['source']> = new Map<string, RouteRow['source']>([
  ['RTS_BGP', 'bgp'],
  ['RTS_STATIC', 'static'],
  ['RTS_INHERIT', 'kernel'],
  ['RTS_DEVICE', 'direct'],
]);

function conditionOf(text: string): RouteRequest['where'] {
  const source = SOURCES.get(/^source ?= ?(RTS_[A-Z]+)$/.exec(text)?.[1] ?? '');
  if (source !== undefined) return (row) => row.source === source;
  const length = /^bgp_path ?\. ?len ?(=|!=|<|<=|>|>=) ?(\d{1,4})$/.exec(text);
  if (length === null) return undefined;
  const [, operator = '=', number] = length;
  const holds = COMPARISONS.get(operator);
  if (holds === undefined) return undefined;
  return (row) => row.source === 'bgp' && holds(pathLength(row), Number(number));
}

const COMPARISONS: ReadonlyMap<string, (a: number, b: number) => boolean> = new Map([
  ['=', (a, b) => a === b],
  ['!=', (a, b) => a !== b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

/** A set counts as one (RFC 4271 §9.1.2.2), confederation segments as none (RFC 5065 §5.3). */
function pathLength({ asPath = '' }: RouteRow): number {
  const bare = asPath.replaceAll(/\([^)]*\)|\[[^\]]*\]/g, '').replaceAll(/\{[^}]*\}/g, '0');
  return bare.split(' ').filter((word) => word !== '').length;
}
