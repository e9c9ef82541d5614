import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../src/runtime/logger.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import {
  type Management,
  type ManagementOptions,
  openManagement,
} from '../../src/server/management.ts';

/** A directory that `remove` takes away again. */
export function scratchDirectory(): { path: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'bengal-'));
  return { path: directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** A management interface on a free loopback port, or as `options` say. */
export const openTestManagement = (options: Partial<ManagementOptions> = {}): Promise<Management> =>
  openManagement({
    http: { address: '127.0.0.1', port: 0, explicit: true },
    socket: undefined,
    clock: processClock,
    logger: silentLogger,
    ...options,
  });

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Ask {
  readonly method?: string;
  readonly accept?: string;
  readonly body?: string;
}

/** Asks `place`, an `ADDR:PORT` or the path of a socket. */
export function ask(place: string, target: string, options: Ask = {}): Promise<Answer> {
  const { method = 'GET', accept, body } = options;
  const where = place.startsWith('/')
    ? { socketPath: place }
    : { host: place.replace(/:\d+$/, ''), port: Number(place.replace(/^.*:/, '')) };
  const headers = {
    ...(accept === undefined ? {} : { accept }),
    ...(body === undefined ? {} : { 'content-length': body.length }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, path: target, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        const { headers: received, statusCode: status = 0 } = response;
        resolve({ status, type, body: text, headers: received });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
