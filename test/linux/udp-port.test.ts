import { expect, test } from 'vitest';
import { openUdpPort } from '../../src/linux/udp-port.ts';
import { parseAddress } from '../../src/net/address.ts';

const linux = process.platform === 'linux';

test.skipIf(!linux).each(['127.0.0.1', '::1'])(
  'a port at %s that requires a TTL gets no datagram with another',
  async (text) => {
    const address = parseAddress(text) ?? new Uint8Array();
    const heard: string[] = [];
    const received = (bytes: Buffer): void => {
      heard.push(bytes.toString());
    };
    const port = 40_000 + (process.pid % 10_000);
    const open = (ttl: number, own: number) =>
      openUdpPort({ address, port: own, ttl, received: () => {} });
    const ears = openUdpPort({ address, port, requiredTtl: 255, received });
    const [far, near] = [open(254, port + 10_000), open(255, port + 10_001)];
    try {
      far.send(Buffer.from('from afar'), text, port);
      near.send(Buffer.from('from the link'), text, port);
      await expect.poll(() => heard.length).toBeGreaterThan(0);
      expect(heard).toEqual(['from the link']);
    } finally {
      for (const each of [ears, far, near]) each.close();
    }
  },
);
