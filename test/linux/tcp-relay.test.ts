import { once } from 'node:events';
import { createConnection, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { obstacleToNamespaces } from '../../src/lab/mode.ts';
import { Namespaces } from '../../src/lab/namespaces.ts';
import { openTcpRelay } from '../../src/linux/tcp-relay.ts';

const LABEL = 'bengal-test';
const PORT = 2379;
const obstacle = await obstacleToNamespaces(LABEL);

/** A server in this process's namespace that answers in capitals. */
async function shouter(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => socket.write(String(bytes).toUpperCase()));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { server, port: address.port };
}

describe.skipIf(obstacle !== undefined)(`a relay (${obstacle ?? 'permitted'})`, () => {
  let made: Namespaces;
  let there: { readonly namespace: string; readonly port: number };

  beforeEach(async () => {
    made = new Namespaces(LABEL);
    const { name } = await made.create('there');
    there = { namespace: `/run/netns/${name}`, port: PORT };
  });
  afterEach(() => made.remove());

  test('leads into a namespace and out of it again', async () => {
    const { server, port } = await shouter();
    const out = await openTcpRelay(there, { namespace: undefined, port });
    const into = await openTcpRelay({ namespace: undefined, port: 0 }, there);
    const client = createConnection(into.port, '127.0.0.1');
    client.write('hello');
    const [answer] = await once(client, 'data');
    expect(String(answer)).toBe('HELLO');
    into.close();
    await once(client, 'close');
    out.close();
    server.close();
  });

  test('closes a connection that leads nowhere', async () => {
    const into = await openTcpRelay({ namespace: undefined, port: 0 }, there);
    const client = createConnection(into.port, '127.0.0.1');
    client.on('error', () => {});
    await once(client, 'close');
    into.close();
  });
});
