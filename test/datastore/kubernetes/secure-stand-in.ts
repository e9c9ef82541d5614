import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { TLS } from './recordings.ts';

/** Says over TLS whether it was shown a client certificate. */
export class SecureStandIn {
  readonly #server: ReturnType<typeof createServer> = createServer(
    {
      cert: readFileSync(TLS.cert),
      key: readFileSync(TLS.key),
      requestCert: true,
      rejectUnauthorized: false,
    },
    ({ socket }, response) => {
      const shown = socket instanceof TLSSocket ? socket.getPeerCertificate() : {};
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ certificate: Object.keys(shown).length > 0 }));
    },
  );

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
