import { parsePrefix } from '../net/prefix.ts';
import type { SpeakerControl } from './control.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';
import { findPeer } from './find-peer.ts';
import { processMetrics } from './process-metrics.ts';
import { errorReply, jsonReply, type Reply, rowsReply, textReply } from './reply.ts';
import type { MetricFamily, RouteQuery, RouteRow, SpeakerView } from './view.ts';

/** What the server adds to a view's own words about itself. */
export interface ManagementState {
  /** Undefined until the daemon has started. */
  readonly view: SpeakerView | undefined;
  readonly control: SpeakerControl | undefined;
  readonly management: ManagementStatus;
  metrics(): readonly MetricFamily[];
}

export interface ManagementStatus {
  readonly http?: string;
  readonly socket?: string;
  readonly warnings: readonly string[];
}

export interface ApiRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
}

type Route = (view: SpeakerView, request: ApiRequest, state: ManagementState) => Reply;

interface Endpoint {
  readonly parameters: readonly string[];
  readonly answer: Route;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/readyz', { parameters: ['verbose'], answer: readyz }],
  ['/metrics', { parameters: [], answer: metrics }],
  ['/api/v1/status', { parameters: [], answer: status }],
  ['/api/v1/peers', { parameters: ['peer'], answer: peers }],
  ['/api/v1/routes', { parameters: ['in', 'out', 'filtered', 'prefix', 'limit'], answer: routes }],
  ['/api/v1/mrt/table', { parameters: [], answer: (view) => mrtReply({ body: view.tableDump() }) }],
  [
    '/api/v1/mrt/messages',
    {
      parameters: [],
      answer: (view) => mrtReply({ follow: (write) => view.recordMessages(write) }),
    },
  ],
  ['/api/v1/config', { parameters: [], answer: (view) => jsonReply(view.config()) }],
]);

/** Answers a GET; never throws for what a client sends. */
export function answer(request: ApiRequest, state: ManagementState): Reply {
  if (request.path === '/livez') return textReply('ok\n');
  const endpoint = ENDPOINTS.get(request.path);
  if (endpoint === undefined) {
    const known = ['/livez', ...ENDPOINTS.keys()].join(' ');
    return errorReply(404, 'not-found', `there is nothing here; there are ${known}`);
  }
  for (const name of request.query.keys()) {
    if (endpoint.parameters.includes(name)) continue;
    const known = endpoint.parameters.join(', ') || 'none';
    return errorReply(400, 'unknown-parameter', `parameter ${name}: unknown; known are: ${known}`);
  }
  if (state.view !== undefined) return endpoint.answer(state.view, request, state);
  return request.path === '/readyz'
    ? textReply('not ready: starting\n', 503)
    : errorReply(503, 'starting', 'the daemon is starting; try again');
}

const mrtReply = (content: Partial<Pick<Reply, 'body' | 'follow'>>): Reply => ({
  status: 200,
  type: 'application/octet-stream',
  body: [],
  ...content,
});

function readyz(view: SpeakerView, { query }: ApiRequest): Reply {
  const { ready, checks } = view.readiness();
  const verdict = ready ? 'ready\n' : 'not ready\n';
  const lines = checks.map(({ name, ok, message }) => `[${ok ? '+' : '-'}]${name}: ${message}\n`);
  const shown = query.has('verbose') || !ready ? lines : [];
  return textReply(shown.join('') + verdict, ready ? 200 : 503);
}

function metrics(view: SpeakerView, _request: ApiRequest, state: ManagementState): Reply {
  const body = exposition(allMetrics(view, state));
  return { status: 200, type: EXPOSITION_TYPE, body };
}

function* allMetrics(view: SpeakerView, state: ManagementState): Generator<MetricFamily> {
  yield* view.metrics();
  yield* state.metrics();
  yield* processMetrics();
}

function status(view: SpeakerView, _request: ApiRequest, { management }: ManagementState): Reply {
  return jsonReply({ ...view.status(), management });
}

function peers(view: SpeakerView, { query, accept }: ApiRequest): Reply {
  const all = view.peers();
  const wanted = query.get('peer');
  if (wanted === null) return rowsReply('peers', all, accept);
  const found = findPeer(all, wanted);
  return 'reply' in found ? found.reply : rowsReply('peers', [found.peer], accept);
}

function routes(view: SpeakerView, { query, accept }: ApiRequest): Reply {
  const parsed = routeQuery(view, query);
  if ('reply' in parsed) return parsed.reply;
  const { limit } = parsed;
  const rows = view.routes(parsed.query);
  return rowsReply('routes', limit === undefined ? rows : first(rows, limit), accept);
}

function routeQuery(
  view: SpeakerView,
  query: URLSearchParams,
): { query: RouteQuery; limit: number | undefined } | { reply: Reply } {
  const incoming = query.get('in');
  const outgoing = query.get('out');
  if (incoming !== null && outgoing !== null) {
    return { reply: errorReply(400, 'bad-parameter', 'parameters in and out: give one of them') };
  }
  const limitText = query.get('limit');
  if (limitText !== null && !/^[1-9]\d{0,8}$/.test(limitText)) {
    return { reply: errorReply(400, 'bad-parameter', 'parameter limit: not a positive number') };
  }
  const prefixText = query.get('prefix');
  const prefix = prefixText === null ? undefined : parsePrefix(prefixText);
  if (prefixText !== null && prefix === undefined) {
    const message = 'parameter prefix: not a prefix; write it as 10.1.0.0/26 or 2001:db8::/64';
    return { reply: errorReply(400, 'bad-parameter', message) };
  }
  const wanted = incoming ?? outgoing;
  const found = wanted === null ? undefined : findPeer(view.peers(), wanted);
  if (found !== undefined && 'reply' in found) return found;
  return {
    query: {
      view: incoming !== null ? 'in' : outgoing !== null ? 'out' : 'table',
      peer: found?.peer.name,
      filtered: query.has('filtered') && query.get('filtered') !== 'false',
      prefix,
    },
    limit: limitText === null ? undefined : Number(limitText),
  };
}

function* first(rows: Iterable<RouteRow>, limit: number): Generator<RouteRow> {
  let left = limit;
  for (const row of rows) {
    yield row;
    if (--left === 0) return;
  }
}
