import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../../fixtures/kubernetes');

/** One exchange with a real API server. */
export interface Exchange {
  readonly request: { readonly method: string; readonly path: string };
  /** Undefined when the connection was refused. */
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly chunks: readonly { readonly text: string }[];
  };
}

export const exchangesOf = (name: string): readonly Exchange[] =>
  (JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')) as { exchanges: Exchange[] })
    .exchanges;

export const bodyOf = ({ response }: Exchange): string =>
  response?.chunks.map(({ text }) => text).join('') ?? '';

/** A certificate for 127.0.0.1 that signs itself, and its key. */
export const TLS: { readonly cert: string; readonly key: string } = {
  cert: path.join(FOLDER, 'tls/cert.pem'),
  key: path.join(FOLDER, 'tls/key.pem'),
};
