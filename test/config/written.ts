// biome-ignore-all lint/suspicious/noThenProperty: `then` is a word of the configuration's contract
import type { ConfigProblem } from '../../src/config/place.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';

/** The least that a speaker needs. */
export const MINIMAL = { asn: 64512, routerId: '10.0.0.1' } as const;

export function resolved(written: unknown): SpeakerConfig {
  const result = resolveConfig(written);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.config;
}

export function problemsOf(written: unknown): readonly ConfigProblem[] {
  const result = resolveConfig(written);
  return 'errors' in result ? result.errors : [];
}

/** Every part of the contract in one object. */
export const FULL = {
  asn: 64512,
  routerId: '10.0.0.1',
  clusterId: '244.0.0.1',
  listen: [{ address: '10.0.0.1', port: 179 }],
  kernel: { learn: { interfaces: ['!cali*', '*'] }, program: { policy: ['p'] }, table: 100 },
  networks: [
    { prefix: '10.1.0.0/26', kernel: 'blackhole' },
    { prefix: '10.9.9.9/32', via: '10.0.0.254', announce: false },
  ],
  policies: {
    p: [
      { match: { prefix: [{ in: '10.1.0.0/16', ge: 26, le: 32 }] }, then: 'accept' },
      { match: { localPref: { gt: 100, le: 200 } }, then: 'continue' },
      {
        match: {
          source: ['kernel', 'bgp'],
          interface: ['cali*'],
          peerType: 'ibgp',
          community: ['64512:1', '64512:1:2'],
          asPathPrefix: [65001],
          localPref: 100,
          metric: { lt: 1024 },
          nextHop: ['10.0.0.0/24'],
          fromPeer: ['a'],
        },
        set: { localPref: 200, prependAsPath: [64512], nextHop: 'self', tunnel: 'tunl0' },
        then: 'continue',
      },
    ],
  },
  peers: [
    { name: 'a', address: '10.0.0.2', asn: 64512, password: { value: 'secret' }, addPath: true },
    { name: 'b', address: '10.0.0.3', asn: 65001, ttlSecurity: 2, gracefulRestart: false },
    { name: 'c', address: 'fe80::1', interface: 'eth0', asn: 65001, exportPolicy: ['p'] },
  ],
  dynamicPeers: [{ range: '10.0.0.0/16', asn: 64512, reflectorClient: true, max: 5000 }],
  bmp: [{ address: '192.0.2.10', port: 1790, rib: ['post-policy'], statsInterval: 0 }],
  hostName: 'rr-1',
  softwareVersion: true,
} as const;
