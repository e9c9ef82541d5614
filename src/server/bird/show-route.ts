import type { SpeakerStatus } from '../view.ts';
import { end, type Line, only } from './lines.ts';
import type { Protocol } from './protocols.ts';
import type { RouteRequest } from './route-request.ts';
import { type RowContext, routeLines } from './route-rows.ts';
import { networks, type RouteScope, wanted } from './route-selection.ts';

/** Answers `show route`; an undefined line is work without a line. */
export function* showRoute(
  scope: RouteScope,
  request: RouteRequest,
  protocols: readonly Protocol[],
  now: number,
): Generator<Line | undefined> {
  const { exported, count = false, stats = false, prefix } = request;
  if (exported !== undefined && isDown(exported.protocol, protocols, scope.view.status())) {
    yield* only(8005, 'Protocol is down');
    return;
  }
  const context: RowContext = {
    now,
    verbose: request.verbose ?? false,
    addresses: new Map(protocols.flatMap(({ name, peer }) => (peer ? [[name, peer.address]] : []))),
  };
  let shown = 0;
  let routes = 0;
  let nets = 0;
  for (const network of networks(scope, request)) {
    routes += network.length;
    if (network.length > 0) nets++;
    let first = true;
    for (const route of network) {
      if (!wanted(route, request)) continue;
      shown++;
      if (!count) yield* routeLines(route, first, context);
      first = false;
    }
    yield undefined;
  }
  if (count || stats) yield end(14, `${shown} of ${routes} routes for ${nets} networks`);
  else if (prefix !== undefined && shown === 0) yield end(8001, 'Network not in table');
  else yield end();
}

/** Nothing is exported to a session that is not up, and to nobody while recovery lasts. */
function isDown(
  name: string,
  protocols: readonly Protocol[],
  { recovery }: SpeakerStatus,
): boolean {
  const protocol = protocols.find((at) => at.name === name);
  if (protocol?.kind !== 'BGP' && protocol?.kind !== 'Kernel') return false;
  return recovery !== undefined || protocol.state !== 'up';
}
