import { readdir } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import type { Done } from '../server/control.ts';
import { CommandError, type ExitCode, type Io } from './io.ts';
import type { CommandLine, OptionSyntax } from './options.ts';

export const SOCKET_OPTION: OptionSyntax = {
  value: 'PATH',
  help: 'control socket of the daemon; default BENGAL_SOCKET, or the only one that answers',
};

/** How long a daemon may take to begin its answer, in milliseconds. */
const PATIENCE = 10_000;

type Method = 'GET' | 'POST';

/** A daemon, by its control socket. */
export class ControlClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** The JSON document at `target`. */
  async get(target: string): Promise<unknown> {
    const response = await this.#ask('GET', target, 'application/json');
    return JSON.parse(await textOf(response));
  }

  /** Has something changed; the answer says what was begun. */
  async post(target: string): Promise<Done> {
    const response = await this.#ask('POST', target, 'application/json');
    return JSON.parse(await textOf(response));
  }

  /** The rows at `target`, one at a time. */
  async *rows(target: string): AsyncGenerator<unknown> {
    const response = await this.#ask('GET', target, 'application/x-ndjson');
    let rest = '';
    response.setEncoding('utf8');
    for await (const part of response) {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  }

  /** The octets at `target`, a long document. */
  bytes(target: string): Promise<IncomingMessage> {
    return this.#ask('GET', target, '*/*');
  }

  /** As `bytes`, of a document that grows until either side ends it: silence is no fault. */
  async follow(target: string): Promise<IncomingMessage> {
    const response = await this.#ask('GET', target, '*/*');
    response.socket.removeAllListeners('timeout');
    return response;
  }

  async #ask(method: Method, target: string, accept: string): Promise<IncomingMessage> {
    const response = await connect(this.#socket, method, target, accept);
    if (response.statusCode === 200) return response;
    throw refusal(response.statusCode ?? 0, await textOf(response));
  }
}

/** The daemon that `--socket`, BENGAL_SOCKET or the run directory names. */
export async function findDaemon(line: CommandLine, io: Io): Promise<ControlClient> {
  const named = line.get('socket') ?? io.env['BENGAL_SOCKET'];
  if (named !== undefined && named !== '') return new ControlClient(named);
  const files = await socketsIn(io.runDirectory);
  const answers = await Promise.all(files.map(isAlive));
  const [only, ...others] = files.filter((_, i) => answers[i]);
  if (only === undefined) {
    throw new CommandError(3, 'no-daemon', `no daemon answers in ${io.runDirectory}`, {
      cure: 'start one, or name its control socket with --socket PATH',
    });
  }
  if (others.length === 0) return new ControlClient(only);
  const list = [only, ...others].join(', ');
  throw new CommandError(1, 'several-daemons', `several daemons run here: ${list}`, {
    cure: 'name one with --socket PATH',
  });
}

async function socketsIn(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    const sockets = names.filter((name) => name.endsWith('.sock')).sort();
    return sockets.map((name) => path.join(directory, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new CommandError(3, 'run-directory', `cannot be read: ${codeOf(error)}`, {
      where: directory,
      cure: 'name the control socket with --socket PATH',
      cause: error,
    });
  }
}

const isAlive = (socket: string): Promise<boolean> =>
  connect(socket, 'GET', '/livez', '*/*').then(
    (response) => {
      response.destroy();
      return true;
    },
    (error: CommandError) => error.code === 'permission-denied',
  );

function connect(
  socketPath: string,
  method: Method,
  target: string,
  accept: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      socketPath,
      method,
      path: target,
      headers: { accept },
      timeout: PATIENCE,
      agent: false,
    };
    const asked = request(options, resolve);
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (error) => reject(unreachable(socketPath, error)));
    asked.end();
  });
}

function unreachable(socket: string, error: Error): CommandError {
  const where = `socket ${socket}`;
  const code = codeOf(error) ?? error.message;
  if (code === 'EACCES' || code === 'EPERM') {
    const cure = 'become root, or a member of the group of the socket';
    const message = 'you may not talk to the daemon';
    return new CommandError(3, 'permission-denied', message, { where, cure, cause: error });
  }
  const cure = 'start the daemon, or name another control socket with --socket PATH';
  const message = `the daemon cannot be reached: ${code}`;
  return new CommandError(3, 'unreachable', message, { where, cure, cause: error });
}

/** The exit code of a refusal: missing or down, too dangerous, not up yet, or a wrong question. */
function exitOf(status: number): ExitCode {
  if (status === 403) return 4;
  if (status === 404 || status === 412) return 2;
  return status >= 500 ? 3 : 1;
}

function refusal(status: number, body: string): CommandError {
  const { code, message } = errorIn(body) ?? { code: 'refused', message: `HTTP status ${status}` };
  return new CommandError(exitOf(status), code, message);
}

function errorIn(body: string): { code: string; message: string } | undefined {
  try {
    return JSON.parse(body).error;
  } catch {
    return undefined;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const part of response) text += part;
  return text;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
