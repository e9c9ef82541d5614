import type { AddressBytes } from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import { maskedPrefix, type Prefix, parsePrefix } from '../../net/prefix.ts';
import type { RouteRow, SpeakerView } from '../view.ts';
import type { ExportMode, RouteRequest } from './route-request.ts';
import { protocolOf, type ShownRoute } from './route-rows.ts';

/** Where a request looks. */
export interface RouteScope {
  readonly view: SpeakerView;
  readonly family: Family;
}

/** The paths of one prefix, the best first. */
export type Network = readonly ShownRoute[];

/** Why a path is kept from a peer before its export policy is asked. */
const BEFORE_POLICY: ReadonlySet<string> = new Set([
  'own-route',
  'not-announced',
  'not-reflected',
  'next-hop-is-receiver',
  'no-own-next-hop',
  'next-hop-family',
  'not-best',
  'not-eligible',
  'deferred',
]);

/** The networks that a request looks at, each with all of its paths. */
export function* networks(scope: RouteScope, request: RouteRequest): Generator<Network> {
  const { exported } = request;
  if (exported !== undefined && exported.protocol !== 'kernel1') {
    yield* exportedNetworks(scope, request, exported.protocol, exported.mode);
    return;
  }
  for (const rows of groups(tableRows(scope, request))) {
    const network = rows.map((row) => ({ row }));
    yield exported === undefined ? network : forKernel(rows, exported.mode);
  }
}

function tableRows(scope: RouteScope, request: RouteRequest): Iterable<RouteRow> {
  const { prefix, covering = false, filtered = false } = request;
  if (prefix === undefined) return visible(scope, undefined, filtered);
  return covering ? coveringRows(scope, prefix, filtered) : visible(scope, prefix, filtered);
}

function* visible(
  { view, family }: RouteScope,
  prefix: Prefix | undefined,
  filtered: boolean,
): Generator<RouteRow> {
  const rows = view.routes({ view: 'table', peer: undefined, filtered, prefix, family });
  for (const row of rows) if (filtered || row.state !== 'rejected') yield row;
}

/** The longest prefix in the table around `prefix`. */
function* coveringRows(
  scope: RouteScope,
  { address, length }: Prefix,
  filtered: boolean,
): Generator<RouteRow> {
  for (let at = length; at >= 0; at--) {
    let found = false;
    for (const row of visible(scope, maskedPrefix(address as AddressBytes, at), filtered)) {
      found = true;
      yield row;
    }
    if (found) return;
  }
}

function* groups(rows: Iterable<RouteRow>): Generator<readonly RouteRow[]> {
  let group: RouteRow[] = [];
  for (const row of rows) {
    if (group[0] !== undefined && group[0].prefix !== row.prefix) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}

/** What the FIB is offered: not what came from it. Equal paths become one multipath route. */
function forKernel(rows: readonly RouteRow[], mode: ExportMode): Network {
  const [best, ...others] = rows;
  if (mode === 'noexport' || best?.state !== 'best') return [];
  if (best.source === 'kernel' || best.source === 'direct') return [];
  const equal = others.filter(({ state }) => state === 'equal');
  return equal.length === 0 ? [{ row: best }] : [{ row: best, hops: [best, ...equal] }];
}

function* exportedNetworks(
  scope: RouteScope,
  { prefix }: RouteRequest,
  peer: string,
  mode: ExportMode,
): Generator<Network> {
  const query = { view: 'out', peer, prefix, family: scope.family } as const;
  if (mode !== 'noexport') {
    for (const sent of groups(scope.view.routes({ ...query, filtered: false }))) {
      yield sent.flatMap((row) => asSent(scope, row));
    }
  }
  if (mode === 'export') return;
  for (const held of groups(scope.view.routes({ ...query, filtered: true }))) {
    const refused = held.filter(({ reason }) => !BEFORE_POLICY.has(reason));
    yield refused.flatMap((row) => asSent(scope, row).map((at) => ({ row: at.row })));
  }
}

/** The table's path behind a path that was sent. */
function asSent({ view, family }: RouteScope, sent: RouteRow): readonly ShownRoute[] {
  const prefix = parsePrefix(sent.prefix);
  const query = { view: 'table', peer: undefined, filtered: false, family } as const;
  for (const row of prefix === undefined ? [] : view.routes({ ...query, prefix })) {
    if (row.state === 'rejected' || row.peer !== sent.peer) continue;
    return [{ row, sent }];
  }
  return [];
}

/** True for the paths of a network that a request wants to see. */
export function wanted({ row }: ShownRoute, { primary, protocol, where }: RouteRequest): boolean {
  if (primary && row.state !== 'best') return false;
  if (protocol !== undefined && protocolOf(row) !== protocol) return false;
  return where === undefined || where(row);
}
