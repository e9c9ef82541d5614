import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { BengalError } from '../../runtime/error.ts';
import { isObject } from '../resources/schema.ts';
import type { ApiAccess, Connection } from './access.ts';
import { ApiFailure } from './failure.ts';
import { LineSplitter } from './lines.ts';
import { timerUntil } from './pause.ts';
import { excerpt, failureOfAnswer } from './refusal.ts';

export interface ApiClientOptions {
  readonly access: ApiAccess;
  readonly clock: Clock;
  /** Milliseconds without a byte after which a request counts as unanswered. */
  readonly patience: number;
}

export interface ApiRequest {
  /** Path and query below the server's address. */
  readonly path: string;
  /** What is asked for, for messages. */
  readonly subject: string;
  readonly signal: AbortSignal;
  /** JSON to be put there; without it what is there is read. */
  readonly body?: string;
}

export interface StreamRequest extends ApiRequest {
  /** Milliseconds without a byte after which the stream is given up. */
  readonly quiet: number;
  /** The server has begun to answer. */
  readonly opened: () => void;
  readonly line: (text: string) => void;
}

/** Milliseconds of idleness after which the system probes a connection, to notice a dead way. */
const KEEPALIVE = 30_000;
const HEADERS = { accept: 'application/json', 'user-agent': 'bengal' };
const CONTENT = { 'content-type': 'application/json' };
const LONGEST_BODY = 256 * 1024 * 1024;
const LONGEST_REFUSAL = 64 * 1024;

/** Reads from an API server, and puts, over kept-alive connections. Every fault is an ApiFailure. */
export class ApiClient {
  readonly #access: ApiAccess;
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #http = new HttpAgent({ keepAlive: true, keepAliveMsecs: KEEPALIVE });
  /** Keeps connections apart by credentials of TLS, so that rotated ones are used at once. */
  readonly #https = new HttpsAgent({ keepAlive: true, keepAliveMsecs: KEEPALIVE });

  constructor({ access, clock, patience }: ApiClientOptions) {
    this.#access = access;
    this.#clock = clock;
    this.#patience = patience;
  }

  /** The whole answer as JSON. */
  async json(request: ApiRequest): Promise<unknown> {
    const response = await this.#ask(request);
    const text = await this.#body(response, request.signal, LONGEST_BODY);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new ApiFailure('api-not-json', request.subject, excerpt(text), { cause });
    }
  }

  /** Hands on the lines of an answer until it ends by itself or is quiet for too long. */
  async stream(request: StreamRequest): Promise<'ended' | 'quiet'> {
    const response = await this.#ask(request);
    request.opened();
    const lines = new LineSplitter();
    const outcome = await this.#consume(response, request.signal, request.quiet, (chunk) => {
      for (const line of takeLines(lines, chunk, request.subject)) request.line(line);
      return true;
    });
    return outcome === 'silent' ? 'quiet' : 'ended';
  }

  /** Closes what is open; requests must have been ended by their signals. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  /** The body of a successful answer is left to the caller; others become failures. */
  async #ask(request: ApiRequest): Promise<IncomingMessage> {
    const connection = await this.#access.connect();
    const response = await this.#send(connection, request);
    const { statusCode = 0, headers } = response;
    const type = headers['content-type'] ?? '';
    if (statusCode === 200 && /^application\/json\b/i.test(type)) return response;
    const body = await this.#body(response, request.signal, LONGEST_REFUSAL);
    if (statusCode === 401) this.#access.refused();
    throw failureOfAnswer(
      { status: statusCode, type, retryAfter: headers['retry-after'], body },
      connection.server,
      request.subject,
    );
  }

  #send(connection: Connection, asked: ApiRequest): Promise<IncomingMessage> {
    const { server } = connection;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => reject(unreachable(server, cause));
      const request = this.#open(connection, asked);
      const unanswered = (): unknown => request.destroy(new ApiFailure('api-silent', server, ''));
      const patience = this.#timer(asked.signal, 'answer', this.#patience, unanswered);
      request.setSocketKeepAlive(true, KEEPALIVE);
      request.on('response', (response) => {
        patience.cancel();
        resolve(response);
      });
      request.on('error', (error) => {
        patience.cancel();
        if (error instanceof ApiFailure) reject(error);
        else fail(error);
      });
      request.end(asked.body);
    });
  }

  /** Certificates that do not fit together, as while they are rotated, are found out here. */
  #open({ server, headers, tls }: Connection, { path, signal, body }: ApiRequest): ClientRequest {
    const url = parsedUrl(server, path);
    const common = {
      method: body === undefined ? 'GET' : 'PUT',
      headers: { ...headers, ...HEADERS, ...(body !== undefined && CONTENT) },
      signal,
    };
    try {
      return url.protocol === 'http:'
        ? requestHttp(url, { ...common, agent: this.#http })
        : requestHttps(url, { ...common, ...tls, agent: this.#https });
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      throw new ApiFailure('api-credentials', server, cause.message, { cause });
    }
  }

  async #body(response: IncomingMessage, signal: AbortSignal, longest: number): Promise<string> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const outcome = await this.#consume(response, signal, this.#patience, (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      return length <= longest;
    });
    const server = this.#access.name;
    if (outcome === 'silent') throw new ApiFailure('api-silent', server, 'an answer has no end');
    if (outcome === 'left') throw new ApiFailure('api-not-json', server, 'an answer is too long');
    return Buffer.concat(chunks).toString('utf8');
  }

  /** Reads until the end, until nothing comes for `quiet` milliseconds, or until `take` has enough. */
  async #consume(
    response: IncomingMessage,
    signal: AbortSignal,
    quiet: number,
    take: (chunk: Uint8Array) => boolean,
  ): Promise<'whole' | 'silent' | 'left'> {
    let silent = false;
    let timer: Timer | undefined;
    const rearm = (): void => {
      timer?.cancel();
      timer = this.#timer(signal, 'quiet', quiet, () => {
        silent = true;
        response.destroy();
      });
    };
    rearm();
    try {
      for await (const chunk of response) {
        rearm();
        if (!take(chunk)) return 'left';
      }
    } catch (error) {
      if (silent) return 'silent';
      if (error instanceof BengalError || !isSystemError(error)) throw error;
      throw unreachable(this.#access.name, error);
    } finally {
      timer?.cancel();
    }
    return silent ? 'silent' : 'whole';
  }

  #timer(signal: AbortSignal, name: string, delay: number, fire: () => void): Timer {
    return timerUntil(signal, this.#clock, `kubernetes-${name}`, delay, fire);
  }
}

function parsedUrl(server: string, path: string): URL {
  try {
    return new URL(server + path);
  } catch (cause) {
    throw new ApiFailure('api-credentials', server, 'the address is not a URL', { cause });
  }
}

function takeLines(lines: LineSplitter, chunk: Uint8Array, subject: string): readonly string[] {
  try {
    return lines.take(chunk);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ApiFailure('api-not-json', subject, cause.message, { cause });
  }
}

const unreachable = (server: string, cause: Error): ApiFailure =>
  new ApiFailure('api-unreachable', server, cause.message, { cause });

/** Errors of sockets, TLS and HTTP parsing have codes; our own mistakes have none. */
const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && isObject(error) && typeof error['code'] === 'string';
