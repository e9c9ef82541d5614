import { type IncomingMessage, request } from 'node:http';

/** Milliseconds that a daemon may take to answer. */
const PATIENCE = 5_000;

/** The rows at `target` of a daemon, by its control socket. */
export async function rowsOf(socketPath: string, target: string): Promise<readonly unknown[]> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { accept: 'application/x-ndjson' };
    const options = { socketPath, path: target, headers, agent: false, timeout: PATIENCE };
    const asked = request(options, resolve);
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
  let text = '';
  response.setEncoding('utf8');
  for await (const part of response) text += part;
  if (response.statusCode !== 200) throw new Error(`${target}: ${text.trim()}`);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line): unknown => JSON.parse(line));
}
