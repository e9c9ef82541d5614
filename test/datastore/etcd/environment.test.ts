import { describe, expect, test } from 'vitest';
import { etcdFromEnvironment } from '../../../src/datastore/etcd/environment.ts';

const ETCD_ENDPOINTS = 'http://10.0.0.1:2379';

describe("etcd by Calico's environment", () => {
  test('may have several endpoints, with or without a scheme', () => {
    const written = ' https://etcd-0:2379 ,http://[fd00::1]:2379/,10.0.0.3:2379,';
    expect(etcdFromEnvironment({ ETCD_ENDPOINTS: written }).endpoints).toEqual([
      'https://etcd-0:2379',
      'http://[fd00::1]:2379',
      'http://10.0.0.3:2379',
    ]);
  });

  test("takes a user and files, Calico's own forms before the plain ones", () => {
    const env = {
      ETCD_ENDPOINTS,
      ETCD_USERNAME: 'calico',
      ETCD_PASSWORD: 'plain',
      CALICO_ETCD_PASSWORD: 'own',
      ETCD_CERT_FILE: '/c.crt',
      ETCD_KEY_FILE: '/c.key',
      ETCD_CA_CERT_FILE: '/ca.crt',
      CALICO_ETCD_CA_CERT_FILE: '',
    };
    expect(etcdFromEnvironment(env)).toEqual({
      endpoints: [ETCD_ENDPOINTS],
      user: { name: 'calico', password: 'own' },
      caFile: '/ca.crt',
      certFile: '/c.crt',
      keyFile: '/c.key',
    });
  });

  test.each([
    ['ETCD_ENDPOINTS', {}],
    ['ETCD_ENDPOINTS', { ETCD_ENDPOINTS: ' , ' }],
    ['ETCD_ENDPOINTS', { ETCD_ENDPOINTS: 'http://10.0.0.1' }],
    ['ETCD_ENDPOINTS', { ETCD_ENDPOINTS: 'ftp://10.0.0.1:2379' }],
    ['ETCD_ENDPOINTS', { ETCD_ENDPOINTS: 'http://10.0.0.1:2379/path' }],
    ['ETCD_USERNAME', { ETCD_ENDPOINTS, ETCD_PASSWORD: 'x' }],
    ['ETCD_PASSWORD', { ETCD_ENDPOINTS, ETCD_USERNAME: 'x' }],
    ['ETCD_KEY_FILE', { ETCD_ENDPOINTS, ETCD_CERT_FILE: '/c' }],
  ])('is refused with the name %s: %j', (name, env) => {
    expect(() => etcdFromEnvironment(env)).toThrow(
      expect.objectContaining({ where: expect.stringContaining(name) }),
    );
  });
});
