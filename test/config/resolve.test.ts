// biome-ignore-all lint/suspicious/noThenProperty: `then` is a word of the configuration's contract
import { describe, expect, test } from 'vitest';
import { describeProblem, resolveConfig, speakerSchema } from '../../src/config/resolve.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import { MINIMAL, problemsOf, resolved } from './written.ts';

const peer = (fields: object): SpeakerConfig['peers'][number] | undefined =>
  resolved({ ...MINIMAL, peers: [{ name: 'a', address: '10.0.0.2', asn: 64512, ...fields }] })
    .peers[0];

describe('defaults', () => {
  test('of a speaker with nothing but its identity', () => {
    expect(resolved(MINIMAL)).toStrictEqual({
      asn: 64512,
      routerId: '10.0.0.1',
      clusterId: undefined,
      listen: [],
      kernel: undefined,
      networks: [],
      policies: {},
      peers: [],
      dynamicPeers: [],
      bmp: [],
      hostName: undefined,
      softwareVersion: false,
    });
  });

  test('of an iBGP peer', () => {
    expect(peer({})).toStrictEqual({
      name: 'a',
      address: '10.0.0.2',
      passive: false,
      shutdown: undefined,
      asn: 64512,
      port: 179,
      interface: undefined,
      localAddress: undefined,
      localAsn: 64512,
      allowOwnAs: 0,
      reflectorClient: false,
      routeServerClient: false,
      role: undefined,
      roleRequired: false,
      families: ['ipv4-unicast', 'ipv6-unicast'],
      holdTime: 90,
      keepaliveTime: undefined,
      sendHoldTime: undefined,
      connectRetryTime: 5,
      errorWait: { min: 5, max: 30 },
      password: undefined,
      ttlSecurity: undefined,
      multihop: 255,
      nextHop: 'auto',
      addPath: { send: false, receive: false },
      extendedMessages: true,
      extendedNextHop: false,
      gracefulRestart: { restartTime: 120, notification: true },
      longLivedGracefulRestart: undefined,
      longLivedPartialDeployment: false,
      bfd: undefined,
      prefixLimit: undefined,
      gracefulShutdown: false,
      asSet: 'accept',
      importPolicy: [],
      exportPolicy: [],
      importEnd: 'accept',
      exportEnd: 'accept',
    });
  });

  test('of an eBGP peer let nothing in or out (RFC 8212)', () => {
    expect(peer({ asn: 65001 })).toMatchObject({
      multihop: 1,
      asSet: 'withdraw',
      importEnd: 'reject',
      exportEnd: 'reject',
    });
  });

  test('follow the local AS of the peer, not the speaker’s', () => {
    expect(peer({ asn: 65001, localAsn: 65001 })).toMatchObject({ multihop: 255 });
  });

  test('of kernel: true', () => {
    const kernel = {
      learn: { interfaces: ['*'] },
      program: { policy: [] },
      table: 254,
      protocol: 12,
      metric: 1024,
      preference: { direct: 240, static: 200, bgp: 100, kernel: 240 },
    };
    expect(resolved({ ...MINIMAL, kernel: true }).kernel).toStrictEqual(kernel);
    expect(resolved({ ...MINIMAL, kernel: { learn: true } }).kernel).toStrictEqual(kernel);
  });

  test('of a network and of a dynamic peer', () => {
    const config = resolved({
      ...MINIMAL,
      listen: [{ address: '::' }],
      networks: [{ prefix: '10.1.0.0/26' }],
      dynamicPeers: [{ range: '10.0.0.0/16', asn: 64512 }],
    });
    expect(config.listen).toStrictEqual([{ address: '::', port: 179 }]);
    expect(config.networks).toStrictEqual([
      { prefix: '10.1.0.0/26', via: undefined, kernel: 'none', announce: true },
    ]);
    expect(config.dynamicPeers[0]).toMatchObject({ range: '10.0.0.0/16', max: 1000 });
  });
});

describe('shorthand', () => {
  test('accept and reject set the end of a policy', () => {
    expect(peer({ asn: 65001, importPolicy: 'accept', exportPolicy: 'reject' })).toMatchObject({
      importPolicy: [],
      importEnd: 'accept',
      exportEnd: 'reject',
    });
  });

  test('false turns graceful restart off, true turns add-path on', () => {
    expect(peer({ gracefulRestart: false, addPath: true })).toMatchObject({
      gracefulRestart: undefined,
      addPath: { send: true, receive: true },
    });
  });

  test('true turns BFD on with its defaults, and some intervals leave the others', () => {
    const defaults = { minTx: 300, minRx: 300, multiplier: 3, multihop: undefined, strict: false };
    expect(peer({ bfd: true })?.bfd).toStrictEqual(defaults);
    expect(peer({ bfd: { minRx: 100 } })?.bfd).toStrictEqual({ ...defaults, minRx: 100 });
  });

  test('well-known communities have names', () => {
    const rule = { set: { addCommunity: ['no-export', 'graceful-shutdown'] }, then: 'accept' };
    const { policies } = resolved({ ...MINIMAL, policies: { p: [rule] } });
    expect(policies['p']?.[0]?.set.addCommunity).toEqual(['65535:65281', '65535:0']);
  });
});

const PEER = { name: 'a', address: '10.0.0.2', asn: 64512 };
const withPeer = (fields: object): object => ({ ...MINIMAL, peers: [{ ...PEER, ...fields }] });
const withRule = (rule: object): object => ({
  ...MINIMAL,
  policies: { p: [{ then: 'accept', ...rule }] },
});

describe('refuses', () => {
  test.each<[string, unknown, string]>([
    ['something else than an object', [], ''],
    ['a missing AS', { routerId: '10.0.0.1' }, 'asn'],
    ['an AS beyond 32 bits', { ...MINIMAL, asn: 2 ** 32 }, 'asn'],
    ['a router id of 0.0.0.0', { ...MINIMAL, routerId: '0.0.0.0' }, 'routerId'],
    ['a cluster id that is a number', { ...MINIMAL, clusterId: 1 }, 'clusterId'],
    ['an unknown field', withPeer({ holdtime: 90 }), 'peers[0].holdtime'],
    ['a __proto__ key', JSON.parse('{"asn":1,"routerId":"1.1.1.1","__proto__":{}}'), '__proto__'],
    ['a hold time of 2', withPeer({ holdTime: 2 }), 'peers[0].holdTime'],
    ['a slow keepalive', withPeer({ keepaliveTime: 90 }), 'peers[0].keepaliveTime'],
    ['passive without listen', withPeer({ passive: true }), 'peers[0].passive'],
    ['two ways to say TTL', withPeer({ ttlSecurity: 1, multihop: 2 }), 'peers[0].ttlSecurity'],
    ['a link-local address alone', withPeer({ address: 'fe80::1' }), 'peers[0].interface'],
    ['a multicast peer', withPeer({ address: '224.0.0.5' }), 'peers[0].address'],
    ['two families', withPeer({ localAddress: '::1' }), 'peers[0].localAddress'],
    ['no families', withPeer({ families: [] }), 'peers[0].families'],
    ['a reason that breaks the line', withPeer({ shutdown: 'a\nb' }), 'peers[0].shutdown'],
    ['a reason too long', withPeer({ shutdown: 'é'.repeat(65) }), 'peers[0].shutdown'],
    ['a wrong error wait', withPeer({ errorWait: { min: 60 } }), 'peers[0].errorWait'],
    [
      'a restart after a limit that restarts nothing',
      withPeer({ prefixLimit: { max: 1, action: 'block', restartAfter: 60 } }),
      'peers[0].prefixLimit.restartAfter',
    ],
    [
      'stale routes for an external peer',
      withPeer({ asn: 65001, longLivedPartialDeployment: true }),
      'peers[0].longLivedPartialDeployment',
    ],
    [
      'a contradiction',
      withPeer({ importPolicy: 'accept', importEnd: 'reject' }),
      'peers[0].importEnd',
    ],
    ['an unknown policy', withPeer({ exportPolicy: ['constructor'] }), 'peers[0].exportPolicy[0]'],
    ['an empty password', withPeer({ password: { value: '' } }), 'peers[0].password.value'],
    [
      'a long password',
      withPeer({ password: { value: 'x'.repeat(81) } }),
      'peers[0].password.value',
    ],
    ['two passwords', withPeer({ password: { value: 'x', file: 'y' } }), 'peers[0].password'],
    ['a redacted password', withPeer({ password: { redacted: true } }), 'peers[0].password'],
    [
      'BFD faster than a busy machine keeps up',
      withPeer({ bfd: { minTx: 99 } }),
      'peers[0].bfd.minTx',
    ],
    [
      'BFD that waits for nobody knows whom',
      {
        ...MINIMAL,
        listen: [{ address: '::' }],
        dynamicPeers: [{ range: '::/0', asn: 1, bfd: { strict: true } }],
      },
      'dynamicPeers[0].bfd',
    ],
    ['a name twice', { ...MINIMAL, peers: [PEER, { ...PEER, port: 180 }] }, 'peers[1].name'],
    ['an address twice', { ...MINIMAL, peers: [PEER, { ...PEER, name: 'b' }] }, 'peers[1].address'],
    [
      'dynamic peers without listen',
      { ...MINIMAL, dynamicPeers: [{ range: '::/0', asn: 1 }] },
      'dynamicPeers',
    ],
    [
      'a blackhole with a gateway',
      { ...MINIMAL, networks: [{ prefix: '10.0.0.0/8', via: '10.1.1.1', kernel: 'blackhole' }] },
      'networks[0].kernel',
    ],
    ['a rule without then', withRule({ then: undefined }), 'policies.p[0].then'],
    [
      'ge above le',
      withRule({ match: { prefix: [{ in: '10.0.0.0/8', ge: 25, le: 24 }] } }),
      'policies.p[0].match.prefix[0]',
    ],
    [
      'le beyond the family',
      withRule({ match: { prefix: [{ in: '10.0.0.0/8', le: 33 }] } }),
      'policies.p[0].match.prefix[0]',
    ],
    [
      'ge with equal',
      withRule({ match: { prefix: [{ equal: '10.0.0.0/8', ge: 8 }] } }),
      'policies.p[0].match.prefix[0]',
    ],
    [
      'in with equal',
      withRule({ match: { prefix: [{ in: '::/0', equal: '::/0' }] } }),
      'policies.p[0].match.prefix[0]',
    ],
    [
      'a community of one part',
      withRule({ set: { addCommunity: ['7'] } }),
      'policies.p[0].set.addCommunity[0]',
    ],
    [
      'an unknown program policy',
      { ...MINIMAL, kernel: { program: { policy: ['x'] } } },
      'kernel.program.policy[0]',
    ],
  ])('%s', (_, written, where) => {
    const problems = problemsOf(written);
    expect(problems.map((problem) => problem.where)).toEqual([where]);
    expect(problems[0]?.cure).not.toBe('');
  });

  test('all that is wrong at once, with JSON pointers', () => {
    const problems = problemsOf({ ...MINIMAL, asn: 0, policies: { 'a/b': [{ then: 'acept' }] } });
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/asn', '/policies/a~1b/0/then']);
    expect(problems[1]?.cure).toBe('Did you mean accept?');
  });

  test('an unknown field with the name that was meant', () => {
    expect(problemsOf(withPeer({ holdTme: 90 })).map(describeProblem)).toEqual([
      'peers[0].holdTme: holdTme is not a known field (Did you mean holdTime?)',
    ]);
  });

  test('a wrong password without repeating it', () => {
    const problems = problemsOf(withPeer({ password: 'secret' }));
    expect(JSON.stringify(problems)).not.toContain('secret');
  });
});

test('two peers share an address when their ports differ', () => {
  const peers = [PEER, { ...PEER, name: 'b', port: 180 }];
  expect(resolveConfig({ ...MINIMAL, peers })).toHaveProperty('config');
});

test('the schema knows every field and allows no other', () => {
  const schema = speakerSchema();
  expect(schema).toMatchObject({ additionalProperties: false, required: ['asn', 'routerId'] });
  expect(schema).toHaveProperty('properties.peers.items.properties.holdTime.maximum', 65535);
});
