import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { PROBLEMS } from '../../src/datastore/problem.ts';
import { calicoCases } from './calico-cases.ts';
import {
  block,
  configuration,
  derived,
  NO_MESH,
  namesOf,
  node,
  nodeAt,
  peer,
  peersOf,
  pool,
  secret,
} from './cluster-of.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

describe('the own node', () => {
  test('that is not in the datastore leaves everything as it was', () => {
    const { config, problems } = derive([nodeAt(2)], 'n1', {});
    expect(config).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'node-unknown', where: 'Node n1' }]);
  });

  test.each([
    ['', '10.0.0.1'],
    ['hash', '103.107.139.184'],
    ['10.10.10.10', '10.10.10.10'],
    ['0.0.0.0', '10.0.0.1'],
    ['nonsense', '10.0.0.1'],
  ])('with CALICO_ROUTER_ID %j has router id %s', (routerId, expected) => {
    expect(derived([nodeAt(1)], 'n1', { routerId }).config.routerId).toBe(expected);
  });

  test('never has a hashed router id of class D or E', () => {
    const names = Array.from({ length: 64 }, (_, index) => `node-${index}`);
    const first = names.map((name) => {
      const { routerId } = derived([node(name, {})], name, { routerId: 'hash' }).config;
      return Number(routerId.split('.')[0]);
    });
    expect(Math.max(...first)).toBeLessThan(224);
    expect(Math.max(...first)).toBeGreaterThan(190);
  });

  test('of IPv6 alone falls back to the hash, and says so', () => {
    const { config, problems } = derived([node('n1', { ipv6Address: 'fd00::1/64' })]);
    expect(config.routerId).toBe('103.107.139.184');
    expect(problems).toMatchObject([{ code: 'router-id-from-hash', severity: 'warning' }]);
  });

  test('without any address keeps its FIB and blocks, but has no peers', () => {
    const resources = [node('n1', {}), nodeAt(2), block('n1', '10.1.0.0/26')];
    const { config, problems } = derived(resources, 'n1', { routerId: '10.10.10.10' });
    expect(config.peers).toEqual([]);
    expect(config.listen).toEqual([]);
    expect(config.networks).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'no-address' }]);
  });

  test('listens on any address, or with bindMode NodeIP on its own', () => {
    const dual = node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' });
    expect(derived([dual]).config.listen).toEqual([
      { address: '0.0.0.0', port: 179 },
      { address: '::', port: 179 },
    ]);
    const bound = configuration({ bindMode: 'NodeIP', listenPort: 150 });
    const own = configuration({ listenPort: 151 }, 'node.n1');
    expect(derived([dual, bound, own]).config.listen).toEqual([
      { address: '10.0.0.1', port: 151 },
      { address: 'fd00::1', port: 151 },
    ]);
  });

  test('learns no networks of ignored interfaces', () => {
    const ignored = configuration({ ignoredInterfaces: ['eth9', 'docker*'] });
    expect(derived([nodeAt(1), ignored]).config.kernel?.learn).toEqual({
      interfaces: ['!eth9', '!docker*', '!cali*', '!kube-ipvs*', '*'],
    });
  });

  test.each([
    [undefined, undefined, 'info'],
    ['Debug', undefined, 'debug'],
    ['Debug', 'Info', 'info'],
    ['Info', 'Warning', 'none'],
    ['fatal', undefined, 'none'],
  ])('logs at the level of cluster %s, node %s: %s', (global, own, level) => {
    const resources = [
      nodeAt(1),
      configuration({ logSeverityScreen: global }),
      configuration({ logSeverityScreen: own }, 'node.n1'),
    ];
    expect(derived(resources).logLevel).toBe(level);
  });

  test.each([
    ['Debug', 'debug'],
    ['warning', 'none'],
    ['', 'info'],
  ])('logs at the level of BGP_LOGSEVERITYSCREEN %j before all: %s', (logSeverity, level) => {
    const own = configuration({ logSeverityScreen: 'Info' }, 'node.n1');
    expect(derived([nodeAt(1), own], 'n1', { logSeverity }).logLevel).toBe(level);
  });
});

describe('networks', () => {
  test('are the own blocks, but pending ones and single addresses', () => {
    const resources = [
      nodeAt(1),
      block('n1', '10.1.0.0/26'),
      block('n1', '10.1.1.0/26', 'pending'),
      block('n1', '10.1.2.0/26', 'pendingDeletion'),
      block('n1', '10.1.3.1/32'),
      block('n1', 'fd01::/122'),
      block('n1', 'fd01::1:0/128'),
      block('n2', '10.1.4.0/26'),
    ];
    expect(derived(resources).config.networks).toEqual([
      { prefix: '10.1.0.0/26', via: undefined, kernel: 'blackhole', announce: true },
      { prefix: '10.1.2.0/26', via: undefined, kernel: 'blackhole', announce: true },
      { prefix: 'fd01::/122', via: undefined, kernel: 'blackhole', announce: true },
    ]);
  });

  test('are the podCIDRs with host-local IPAM, and no affinities', () => {
    const core: Resource = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'n1',
        labels: {},
        annotations: { 'projectcalico.org/IPv4Address': '10.0.0.1/24' },
      },
      spec: {
        podCIDR: '10.244.1.0/24',
        podCIDRs: ['10.244.1.0/24', 'fd44:0:0:1::/64', 'nonsense'],
      },
    };
    const resources = [core, block('n1', '10.1.0.0/26')];
    const cidrs = (usePodCidr: boolean): readonly string[] =>
      derived(resources, 'n1', { usePodCidr }).config.networks.map(({ prefix }) => prefix);
    expect(cidrs(true)).toEqual(['10.244.1.0/24', 'fd44:0:0:1::/64']);
    expect(cidrs(false)).toEqual(['10.1.0.0/26']);
    const single = { ...core, spec: { podCIDR: '10.244.1.0/24' } };
    expect(derived([single], 'n1', { usePodCidr: true }).config.networks).toHaveLength(1);
    const { provenance, config } = derived(resources, 'n1', { usePodCidr: true });
    expect(provenance.get('/networks/0')?.field).toBe('spec.podCIDRs');
    expect(JSON.stringify(config.policies['calico_export_v4'])).toContain(
      '{"equal":"10.244.1.0/24"}',
    );
  });

  test('are the podCIDRs of a Calico Node as well', () => {
    const own = { ...nodeAt(1), status: { podCIDRs: ['10.244.1.7/24'] } };
    const { config, provenance } = derived([own], 'n1', { usePodCidr: true });
    expect(config.networks.map(({ prefix }) => prefix)).toEqual(['10.244.1.0/24']);
    expect(provenance.get('/networks/0')?.field).toBe('status.podCIDRs');
  });

  test('hold one route by the gateway of a peer, however many ports it has', () => {
    const by = { reachableBy: '10.0.0.254', asNumber: 65_000 };
    const resources = [
      NO_MESH,
      nodeAt(1),
      peer('a', { peerIP: '10.9.9.9', ...by }),
      peer('b', { peerIP: '10.9.9.9:1790', ...by }),
      peer('c', { peerIP: '10.0.0.1', ...by }),
    ];
    expect(derived(resources).config.networks).toEqual([
      { prefix: '10.9.9.9/32', via: '10.0.0.254', kernel: 'none', announce: true },
    ]);
  });
});

describe('a peer with a password', () => {
  const spec = {
    peerIP: '10.0.0.9',
    asNumber: 65_000,
    password: { secretKeyRef: { name: 'bgp', key: 'rack' } },
  };
  const resources = [NO_MESH, nodeAt(1), peer('p', spec)];
  const needs = [{ kind: 'Secret', namespace: 'kube-system', name: 'bgp' }];

  test('has it when the Secret is known', () => {
    const result = derived([...resources, secret('bgp', { rack: 'pw' })]);
    expect(result.config.peers[0]?.password).toEqual({ value: 'pw' });
    expect(result).toMatchObject({ held: [], needs, problems: [] });
  });

  const MISSING: readonly [string, readonly Resource[]][] = [
    ['no Secret', []],
    ['another key', [secret('bgp', { other: 'pw' })]],
    ['an empty value', [secret('bgp', { rack: '' })]],
    ['nothing but a line break', [secret('bgp', { rack: '\n' })]],
  ];

  test.each(MISSING)('connects without it with %s, and that is told', (_what, more) => {
    const result = derived([...resources, ...more]);
    expect(result.config.peers[0]?.password).toBeUndefined();
    expect(result).toMatchObject({
      held: [],
      needs,
      problems: [
        {
          code: 'secret-unknown',
          severity: 'error',
          message: expect.stringContaining('connect without one, unprotected'),
        },
      ],
    });
  });

  test.each(MISSING)('is held down with %s if so asked', (_what, more) => {
    const result = derived([...resources, ...more], 'n1', { missingSecret: 'hold' });
    expect(result).toMatchObject({
      held: [{ peer: 'Global_10_0_0_9', reason: expect.stringContaining('password') }],
      needs,
      problems: [{ code: 'secret-unknown', message: expect.stringContaining('held down') }],
    });
  });

  test('that no socket takes is held down in any case', () => {
    for (const missingSecret of ['connect', 'hold'] as const) {
      const long = [...resources, secret('bgp', { rack: 'x'.repeat(81) })];
      expect(derived(long, 'n1', { missingSecret })).toMatchObject({
        held: [{ peer: 'Global_10_0_0_9' }],
        problems: [{ code: 'secret-unusable', severity: 'error' }],
      });
    }
  });

  test.each(['pw\n', 'pw\r\n'])('%j has it without the line break, with a warning', (rack) => {
    const result = derived([...resources, secret('bgp', { rack })]);
    expect(result.config.peers[0]?.password).toEqual({ value: 'pw' });
    expect(result.problems).toMatchObject([{ code: 'secret-trimmed', severity: 'warning' }]);
  });

  test('keeps every other space of it', () => {
    const result = derived([...resources, secret('bgp', { rack: ' p w \n\n' })]);
    expect(result.config.peers[0]?.password).toEqual({ value: ' p w \n' });
  });

  test('asks for the Secret in the namespace that the environment names', () => {
    const { needs: asked } = derived(resources, 'n1', { secretNamespace: 'calico-system' });
    expect(asked).toEqual([{ kind: 'Secret', namespace: 'calico-system', name: 'bgp' }]);
  });

  test('in the mesh is the same for all', () => {
    const { password } = spec;
    const mesh = [configuration({ nodeMeshPassword: password }), nodeAt(1), nodeAt(2), nodeAt(3)];
    const { held, problems } = derived(mesh, 'n1', { missingSecret: 'hold' });
    expect(held.map(({ peer: name }) => name)).toEqual(['Mesh_10_0_0_2', 'Mesh_10_0_0_3']);
    expect(problems).toHaveLength(1);
    const known = derived([...mesh, secret('bgp', { rack: 'pw' })]).config.peers;
    expect(known.map((at) => at.password)).toEqual([{ value: 'pw' }, { value: 'pw' }]);
  });
});

describe('bad objects', () => {
  test('are absent and named, and hurt nothing else', () => {
    const resources = [
      nodeAt(1),
      nodeAt(2),
      node('n3', { ipv4Address: '10.0.0.333' }),
      pool('p', { cidr: 'nonsense' }),
      peer('q', { peerIP: '10.0.0.9', asNumber: 'x' }),
    ];
    expect(namesOf(resources)).toEqual(['Mesh_10_0_0_2']);
    expect(derived(resources).problems.map(({ where }) => where)).toEqual([
      'BGPPeer q, spec.asNumber',
      'IPPool p, spec.cidr',
      'Node n3, spec.bgp.ipv4Address',
    ]);
  });

  test('two nodes with one address are both named, and the first is used', () => {
    const other = node('n0', { ipv4Address: '10.0.0.2/24', asNumber: 65_000 });
    const { config, problems } = derived([nodeAt(1), nodeAt(2), other]);
    expect(config.peers.map(({ name, asn }) => [name, asn])).toEqual([['Mesh_10_0_0_2', 65_000]]);
    expect(problems).toMatchObject([
      { code: 'duplicate-address', message: expect.stringMatching(/n0 and n2.*10\.0\.0\.2/) },
    ]);
  });

  test('a node whose address another has keeps it for itself', () => {
    const other = node('n0', { ipv4Address: '10.0.0.1/24' });
    expect(peersOf([other, nodeAt(1), nodeAt(2)])[0]?.localAddress).toBe('10.0.0.1');
  });
});

describe('provenance', () => {
  test('leads from a value to object, field and rule', () => {
    const resources = [
      configuration({ asNumber: 65_000, nodeToNodeMeshEnabled: false }),
      nodeAt(1),
      pool('main', { cidr: '10.1.0.0/16' }),
      peer('rack', { peerIP: '10.0.0.9:1790', asNumber: 65_001, maxRestartTime: '30s' }),
    ];
    const { provenance } = derived(resources);
    const shown = (pointer: string): string => {
      const { resource, field } = provenance.get(pointer) ?? {};
      return `${resource} ${field}`;
    };
    expect(shown('/asn')).toBe('BGPConfiguration//default spec.asNumber');
    expect(shown('/routerId')).toBe('Node//n1 spec.bgp.ipv4Address');
    expect(shown('/peers/0')).toBe('BGPPeer//rack spec.peerIP');
    expect(shown('/peers/0/asn')).toBe('BGPPeer//rack spec.asNumber');
    expect(shown('/peers/0/gracefulRestart')).toBe('BGPPeer//rack spec.maxRestartTime');
    expect(shown('/policies/calico_export_v4/2/match/prefix/0')).toBe('IPPool//main spec.cidr');
  });

  test('points at places that exist, in every Calico case', () => {
    for (const { name, resources, node: own } of calicoCases()) {
      const { config, provenance } = derive(resources, own, {});
      for (const pointer of provenance.keys()) {
        const steps = pointer.split('/').slice(1);
        const found = steps.reduce<unknown>(
          (at, step) =>
            typeof at === 'object' && at !== null && Object.hasOwn(at, step)
              ? (at as Record<string, unknown>)[step]
              : `nothing at ${pointer}`,
          config,
        );
        expect(found, name).not.toBe(`nothing at ${pointer}`);
      }
    }
  });
});

describe('any resources', () => {
  const serialised = (resources: readonly Resource[]): string => {
    const { provenance, ...rest } = derive(resources, 'kube-master', {});
    return JSON.stringify([rest, [...provenance]]);
  };

  test('give the same bytes in any order', () => {
    const cases = calicoCases().map(({ resources }) => resources);
    const shuffled = fc
      .constantFrom(...cases)
      .chain((at) =>
        fc.tuple(fc.constant(at), fc.shuffledSubarray([...at], { minLength: at.length })),
      );
    fc.assert(
      fc.property(shuffled, ([original, other]) => {
        expect(serialised(other)).toBe(serialised(original));
      }),
      { numRuns },
    );
  });

  test('give a result, whatever is in them', () => {
    const spec = fc.dictionary(
      fc.constantFrom('bgp', 'cidr', 'peerIP', 'peerSelector', 'asNumber', 'node', '__proto__'),
      fc.oneof(
        fc.constantFrom('10.0.0.1', '10.0.0.0/8', 'all()', 'n1', 64_512),
        fc.constant({ ipv4Address: '10.0.0.1/8', routeReflectorClusterID: '1.1.1.1' }),
        fc.anything(),
      ),
    );
    const object = fc.record({
      apiVersion: fc.constantFrom('projectcalico.org/v3', 'v1'),
      kind: fc.constantFrom('Node', 'IPPool', 'BGPConfiguration', 'BGPPeer', 'BlockAffinity'),
      metadata: fc.record({
        name: fc.constantFrom('n1', 'n2', 'default', 'node.n1', '__proto__'),
        labels: fc.dictionary(fc.string(), fc.string()),
        annotations: fc.constant({}),
      }),
      spec,
    });
    fc.assert(
      fc.property(fc.array(object), (resources) => {
        for (const { code } of derive(resources, 'n1', {}).problems)
          expect(PROBLEMS).toHaveProperty(code);
      }),
      { numRuns },
    );
  });
});
