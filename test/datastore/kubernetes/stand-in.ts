import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StandInStore, type Stored, type StoredEvent } from './stand-in-store.ts';

/** An answer in place of the true one. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const status = (code: number, reason: string, message: string): string =>
  `${JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code })}\n`;

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

const KINDS: Readonly<Record<string, string>> = {
  nodes: 'Node',
  ippools: 'IPPool',
  bgpconfigurations: 'BGPConfiguration',
  bgppeers: 'BGPPeer',
  bgpfilters: 'BGPFilter',
  blockaffinities: 'BlockAffinity',
  services: 'Service',
  secrets: 'Secret',
  endpointslices: 'EndpointSlice',
  caliconodestatuses: 'CalicoNodeStatus',
};

/** Of field selectors only the one of a name. */
function selectorOf(query: URLSearchParams): (name: string) => boolean {
  const [, only] = query.get('fieldSelector')?.split('metadata.name=') ?? [];
  return (name) => only === undefined || name === only;
}

const lineOf = ({ type, plural, object }: StoredEvent): string =>
  JSON.stringify({ type, object: { kind: KINDS[plural], ...object } });

/** Plural, name and subresource of a path; the last two may be empty. */
function placeOf(pathname: string): { plural: string; name: string; part: string } {
  const [, place = ''] =
    /^\/(?:api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/)?(.+)$/.exec(pathname) ?? [];
  const [plural = '', name = '', part = ''] = place.split('/');
  return { plural, name, part };
}

/** A Kubernetes API server as far as a reader of a few kinds can tell, on loopback. */
export class StandIn {
  readonly store: StandInStore;
  /** Answers in place of the true ones, by plural; `*` is every path. */
  readonly answers: Map<string, Answer> = new Map();
  /** Paths of all requests, with their queries. */
  readonly requests: string[] = [];
  /** Kinds whose status can only be written with the object. */
  readonly plain: Set<string> = new Set();
  /** Called before each object that is put is looked at. */
  beforePut: () => void = (): void => {};
  /** Groups of custom resources that it has. */
  groups: readonly string[] = ['crd.projectcalico.org/v1', 'discovery.k8s.io/v1'];
  /** The bearer token that it accepts; undefined for anyone. */
  token: string | undefined;
  /** Nothing is sent any more, as through a way that swallows everything. */
  stalled = false;
  /** Largest number of bytes written at once. */
  pieces: number = Number.POSITIVE_INFINITY;
  /** Called before each page but the first of a list. */
  betweenPages: () => void = (): void => {};
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Map<ServerResponse, string>();

  /** `store` is what a server before it has left. */
  constructor(store: StandInStore = new StandInStore()) {
    this.store = store;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Plurals that are watched at the moment. */
  get watched(): readonly string[] {
    return [...this.#streams.values()];
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all watches as their `timeoutSeconds` would. */
  endWatches(): void {
    for (const response of this.#streams.keys()) response.end();
  }

  /** Sends a bookmark, or any other line, to the watches of a kind. */
  say(plural: string, line: string): void {
    for (const [response, watched] of this.#streams)
      if (watched === plural) this.#write(response, `${line}\n`);
  }

  bookmark(plural: string): void {
    const object = { kind: KINDS[plural], metadata: { resourceVersion: `${this.store.version}` } };
    this.say(plural, JSON.stringify({ type: 'BOOKMARK', object }));
  }

  async close(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.stalled) return;
    const url = new URL(request.url ?? '/', this.url);
    const { plural, name } = placeOf(url.pathname);
    const put = request.method === 'PUT';
    this.requests.push(`${put ? 'PUT ' : ''}${url.pathname}${url.search}`);
    const answer = this.answers.get('*') ?? this.answers.get(plural) ?? this.#refusal(request, url);
    if (answer !== undefined) {
      const type = answer.type ?? 'application/json';
      response.writeHead(answer.status, { ...answer.headers, 'content-type': type });
      response.end(answer.body);
    } else if (url.pathname === '/apis') this.#sendGroups(response);
    else if (put) void this.#put(request, url, response);
    else if (name !== '') this.#sendObject(url, response);
    else if (url.searchParams.get('watch') === 'true') this.#watch(plural, url, response);
    else this.#list(plural, url, response);
  }

  #refusal({ headers }: IncomingMessage, { pathname }: URL): Answer | undefined {
    if (this.token !== undefined && headers.authorization !== `Bearer ${this.token}`)
      return { status: 401, body: status(401, 'Unauthorized', 'Unauthorized') };
    const known = pathname === '/apis' || pathname.startsWith('/api/v1/');
    if (known || this.groups.some((group) => pathname.startsWith(`/apis/${group}/`)))
      return undefined;
    return { status: 404, body: '404 page not found\n', type: 'text/plain; charset=utf-8' };
  }

  #sendGroups(response: ServerResponse): void {
    const groups = this.groups.map((group) => ({ name: group.split('/')[0] }));
    this.#send(response, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups });
  }

  #sendObject({ pathname }: URL, response: ServerResponse): void {
    const { plural, name } = placeOf(pathname);
    const object = this.store.get(plural, name);
    if (object !== undefined) this.#send(response, 200, { kind: KINDS[plural], ...object });
    else
      this.#refuse(
        response,
        404,
        'NotFound',
        `${plural}.crd.projectcalico.org "${name}" not found`,
      );
  }

  /** Of an object that has a status only that is taken, where it is put to the status. */
  async #put(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const { plural, name, part } = placeOf(url.pathname);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.beforePut();
    const put = JSON.parse(body) as Stored;
    const before = this.store.get(plural, name);
    if (before === undefined || (part === 'status') === this.plain.has(plural)) {
      const message = 'the server could not find the requested resource';
      this.#refuse(response, 404, 'NotFound', message);
    } else if (put.metadata.resourceVersion !== before.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on ${plural}.crd.projectcalico.org "${name}": the object has been modified; please apply your changes to the latest version and try again`;
      this.#refuse(response, 409, 'Conflict', message);
    } else {
      this.store.put(plural, this.plain.has(plural) ? put : { ...before, status: put['status'] });
      this.#sendObject(url, response);
    }
  }

  #refuse(response: ServerResponse, code: number, reason: string, message: string): void {
    this.#send(response, code, JSON.parse(status(code, reason, message)));
  }

  #list(plural: string, { searchParams }: URL, response: ServerResponse): void {
    const token = searchParams.get('continue') ?? '';
    if (token !== '') this.betweenPages();
    const [version = String(this.store.version), after = ''] = token === '' ? [] : token.split(' ');
    if (Number(version) < this.store.compacted) {
      response.writeHead(410, { 'content-type': 'application/json' });
      response.end(status(410, 'Expired', TOO_OLD));
      return;
    }
    const selects = selectorOf(searchParams);
    const all = this.store.list(plural).filter(({ metadata }) => selects(metadata.name));
    const rest = all.filter(({ metadata }) => metadata.name > after);
    const page = rest.slice(0, Number(searchParams.get('limit') ?? rest.length));
    const left = rest.length - page.length;
    const metadata = {
      resourceVersion: version,
      ...(left > 0 && {
        continue: `${version} ${page.at(-1)?.metadata.name}`,
        remainingItemCount: left,
      }),
    };
    this.#send(response, 200, { kind: `${KINDS[plural]}List`, metadata, items: page });
  }

  #watch(plural: string, { searchParams }: URL, response: ServerResponse): void {
    const from = Number(searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < this.store.compacted) {
      const message = `too old resource version: ${from} (${this.store.compacted})`;
      const object: unknown = JSON.parse(status(410, 'Expired', message));
      this.#write(response, `${JSON.stringify({ type: 'ERROR', object })}\n`);
      response.end();
      return;
    }
    const selects = selectorOf(searchParams);
    const wanted = ({ object }: StoredEvent): boolean => selects(object.metadata.name);
    const waiting = this.store.since(plural, from).filter(wanted);
    const unwatch = this.store.watch((event) => {
      if (event.plural !== plural || !wanted(event)) return;
      waiting.push(event);
      if (waiting.length === 1) setImmediate(next);
    });
    /** One event in each turn, so that a burst is not one piece on the wire. */
    const next = (): void => {
      const [event] = waiting;
      if (event === undefined || response.destroyed) return;
      this.#write(response, `${lineOf(event)}\n`);
      waiting.shift();
      if (waiting.length > 0) setImmediate(next);
    };
    next();
    this.#streams.set(response, plural);
    response.on('close', () => {
      unwatch();
      this.#streams.delete(response);
    });
  }

  #send(response: ServerResponse, code: number, body: unknown): void {
    response.writeHead(code, { 'content-type': 'application/json' });
    this.#write(response, `${JSON.stringify(body)}\n`);
    if (!this.stalled) response.end();
  }

  #write(response: ServerResponse, text: string): void {
    if (this.stalled) return;
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += this.pieces)
      response.write(bytes.subarray(at, Math.min(bytes.length, at + this.pieces)));
  }
}
