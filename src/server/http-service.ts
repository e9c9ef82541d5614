import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { type ApiRequest, answer, type ManagementState } from './api.ts';
import { command } from './command.ts';
import { errorReply, type Reply } from './reply.ts';
import { follow, stream } from './stream.ts';

/** What one client may cost; times in milliseconds, sizes in octets. */
export interface HttpLimits {
  readonly connections: number;
  readonly headerSize: number;
  readonly headerTime: number;
  readonly requestTime: number;
  /** A client that neither sends nor takes anything for so long is let go. */
  readonly idleTime: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  connections: 64,
  headerSize: 8 * 1024,
  headerTime: 5_000,
  requestTime: 10_000,
  idleTime: 15_000,
};

export interface HttpServiceOptions {
  readonly state: ManagementState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: HttpLimits;
  /** A POST may change the daemon: on the control socket, whose mode says who may. */
  readonly takesCommands: boolean;
}

/** The management interface as an HTTP server that is not listening yet. */
export function httpService(options: HttpServiceOptions): Server {
  const { limits } = options;
  const server = createServer(
    {
      maxHeaderSize: limits.headerSize,
      headersTimeout: limits.headerTime,
      requestTimeout: limits.requestTime,
      connectionsCheckingInterval: Math.min(1_000, limits.headerTime),
      keepAliveTimeout: limits.headerTime,
    },
    (request, response) => {
      serve(request, response, options).catch((error: unknown) => {
        options.logger.error({ err: error, url: request.url }, 'management request failed');
        response.destroy();
      });
    },
  );
  server.on('error', (error) => {
    if (server.listening) options.logger.warn({ err: error }, 'management connection lost');
  });
  server.maxConnections = limits.connections;
  server.timeout = limits.idleTime;
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServiceOptions,
): Promise<void> {
  const { clock } = options;
  const reply = replyTo(request, options);
  response.statusCode = reply.status;
  response.setHeader('Content-Type', reply.type);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (hasBody(request)) response.setHeader('Connection', 'close');
  if (request.method === 'HEAD') response.end();
  else if (reply.follow !== undefined) follow(response, reply.follow);
  else await stream(response, reply.body, clock);
}

function replyTo(request: IncomingMessage, { state, takesCommands }: HttpServiceOptions): Reply {
  const parsed = parse(request);
  if (parsed === undefined)
    return errorReply(400, 'bad-request', 'the request target is not a path');
  const commands = takesCommands && request.method === 'POST';
  if (!commands && request.method !== 'GET' && request.method !== 'HEAD') {
    return notAllowed(takesCommands);
  }
  if (hasBody(request)) return errorReply(413, 'body-not-allowed', 'a request has no body here');
  return commands ? command(parsed, state) : answer(parsed, state);
}

function notAllowed(takesCommands: boolean): Reply {
  const [allow, message] = takesCommands
    ? ['GET, HEAD, POST', 'read with GET or HEAD, change with POST']
    : ['GET, HEAD', 'read with GET or HEAD; changes are made over the control socket'];
  return { ...errorReply(405, 'method-not-allowed', message), headers: { Allow: allow } };
}

function parse({ url = '', headers }: IncomingMessage): ApiRequest | undefined {
  if (!url.startsWith('/')) return undefined;
  const [path = '', ...query] = url.split('?');
  return {
    path,
    query: new URLSearchParams(query.join('?')),
    accept: headers.accept ?? '',
  };
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
