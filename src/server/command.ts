import type { ApiRequest, ManagementState } from './api.ts';
import type { Outcome, SpeakerControl } from './control.ts';
import { findPeer } from './find-peer.ts';
import { errorReply, jsonReply, type Reply } from './reply.ts';
import type { SpeakerView } from './view.ts';

/** Most octets of a text for a peer, RFC 9003 §2. */
const MAX_TEXT = 255;

type Run = (control: SpeakerControl, view: SpeakerView, query: URLSearchParams) => Reply;

interface Endpoint {
  readonly parameters: readonly string[];
  readonly run: Run;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/api/v1/clear', { parameters: ['peer', 'soft', 'text'], run: clear }],
  ['/api/v1/drain', { parameters: ['wait', 'text', 'cancel'], run: drain }],
  ['/api/v1/accept-deletion', { parameters: [], run: acceptDeletion }],
]);

/** Carries out a POST; never throws for what a client sends. */
export function command({ path, query }: ApiRequest, { view, control }: ManagementState): Reply {
  const endpoint = ENDPOINTS.get(path);
  if (endpoint === undefined) {
    const known = [...ENDPOINTS.keys()].join(' ');
    return errorReply(404, 'not-found', `nothing can be changed here; there are ${known}`);
  }
  for (const name of query.keys()) {
    if (endpoint.parameters.includes(name)) continue;
    const known = endpoint.parameters.join(', ') || 'none';
    return errorReply(400, 'unknown-parameter', `parameter ${name}: unknown; known are: ${known}`);
  }
  if (Buffer.byteLength(query.get('text') ?? '') > MAX_TEXT) {
    return errorReply(400, 'bad-parameter', `parameter text: longer than ${MAX_TEXT} octets`);
  }
  if (view === undefined || control === undefined) {
    return errorReply(503, 'starting', 'the daemon is starting; try again');
  }
  return endpoint.run(control, view, query);
}

function clear(control: SpeakerControl, view: SpeakerView, query: URLSearchParams): Reply {
  const soft = query.get('soft');
  if (soft !== null && soft !== 'in' && soft !== 'out') {
    return errorReply(400, 'bad-parameter', 'parameter soft: neither in nor out');
  }
  const wanted = query.get('peer');
  if (wanted === null) return errorReply(400, 'bad-parameter', 'parameter peer is missing');
  const found = findPeer(view.peers(), wanted);
  if ('reply' in found) return found.reply;
  const { name } = found.peer;
  return replyOf(control.clear(name, soft ?? 'hard', query.get('text') ?? undefined));
}

/** What refuses is a safety rail, not a state that will pass by asking once more. */
function acceptDeletion(control: SpeakerControl): Reply {
  const outcome = control.acceptDeletions();
  return 'done' in outcome ? jsonReply(outcome) : errorReply(403, 'refused', outcome.refused);
}

function drain(control: SpeakerControl, _view: SpeakerView, query: URLSearchParams): Reply {
  const cancel = query.get('cancel');
  if (cancel !== null) {
    if (cancel === 'true' && query.size === 1) return replyOf(control.cancelDrain());
    return errorReply(400, 'bad-parameter', 'parameter cancel: true, and alone');
  }
  const wait = query.get('wait') ?? '';
  if (!/^\d{1,5}$/.test(wait)) {
    return errorReply(400, 'bad-parameter', 'parameter wait: not a number of seconds up to 99999');
  }
  return replyOf(control.drain(Number(wait), query.get('text') ?? undefined));
}

const replyOf = (outcome: Outcome): Reply =>
  'done' in outcome ? jsonReply(outcome) : errorReply(412, 'not-possible', outcome.refused);
