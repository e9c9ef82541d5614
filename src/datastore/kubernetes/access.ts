import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { ApiFailure } from './failure.ts';

export type TlsOptions = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'
>;

/** All that a request needs beside its path. */
export interface Connection {
  /** Base URL without a slash at the end. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/** The way to an API server. */
export interface ApiAccess {
  /** The server or the file that names it, for messages. */
  readonly name: string;
  /** Called for each request, so that rotated tokens and certificates count at once. */
  connect(): Promise<Connection>;
  /** The server did not accept the credentials: kept ones are of no use any more. */
  refused(): void;
}

/** Where credentials lie; every file is read at each request. */
export interface FileAccessOptions {
  readonly server: string;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly token?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** An API server by address and files, as in a pod. */
export function fileAccess(options: FileAccessOptions): ApiAccess {
  const server = options.server.replace(/\/+$/, '');
  return {
    name: server,
    connect: async () => ({
      server,
      headers: bearer(readText(options.tokenFile, server) ?? options.token),
      tls: {
        ...tlsOf(options, server),
        ...(options.insecure === true && { rejectUnauthorized: false }),
      },
    }),
    refused: () => {},
  };
}

/** The authorization header of a token, if there is one. */
export const bearer = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };

function tlsOf({ caFile, certFile, keyFile }: FileAccessOptions, where: string): TlsOptions {
  const ca = readText(caFile, where);
  const cert = readText(certFile, where);
  const key = readText(keyFile, where);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** The text of a file without the space around it. Throws an ApiFailure when it cannot be read. */
function readText(file: string | undefined, where: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new ApiFailure('api-credentials', where, detail, { cause });
  }
}
