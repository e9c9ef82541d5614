import { expect, test } from 'vitest';
import { kernelRoutes } from '../../src/lab/kernel-routes.ts';

/** As iproute2 prints them. */
const TABLES: Readonly<Record<string, string>> = {
  '-4': JSON.stringify([
    { dst: 'default', gateway: '10.0.0.1', protocol: 'bird' },
    { dst: '10.1.0.1', via: { family: 'inet6', host: 'fe80::1' }, protocol: 'bird' },
    { dst: '10.2.0.0/26', protocol: 'bird', nexthops: [{ gateway: 'a' }, { gateway: 'b' }] },
    { dst: '10.0.0.0/24', protocol: 'kernel' },
  ]),
  '-6': JSON.stringify([{ dst: 'default', gateway: 'fe80::1', protocol: 'bird' }]),
};

test('kernel routes have prefixes in full and a row for each next hop', async () => {
  const routes = await kernelRoutes(async (...args) => TABLES[args[1] ?? ''] ?? '');
  expect(routes).toEqual([
    { prefix: '0.0.0.0/0', nextHop: '10.0.0.1' },
    { prefix: '10.1.0.1/32', nextHop: 'fe80::1' },
    { prefix: '10.2.0.0/26', nextHop: 'a' },
    { prefix: '10.2.0.0/26', nextHop: 'b' },
    { prefix: '::/0', nextHop: 'fe80::1' },
  ]);
});
