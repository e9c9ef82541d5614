import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { ApiClient } from '../../../src/datastore/kubernetes/api-client.ts';
import {
  accessBesideEtcd,
  accessFromEnvironment,
  groupFromEnvironment,
} from '../../../src/datastore/kubernetes/environment.ts';
import { ApiFailure } from '../../../src/datastore/kubernetes/failure.ts';
import { kubeconfigAccess } from '../../../src/datastore/kubernetes/kubeconfig.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { TLS } from './recordings.ts';
import { SecureStandIn } from './secure-stand-in.ts';
import { temporaryFile } from './temporary-file.ts';

const cluster = (server: string, more: object = {}): object => ({ server, ...more });

function kubeconfig(parts: { cluster: object; user?: object; context?: string }): string {
  const file = temporaryFile('config');
  writeFileSync(
    file,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': parts.context ?? 'here',
      clusters: [{ name: 'c', cluster: parts.cluster }],
      users: [{ name: 'u', user: parts.user ?? {} }],
      contexts: [
        { name: 'here', context: { cluster: 'c', user: 'u' } },
        { name: 'lost', context: { cluster: 'none', user: 'u' } },
      ],
    }),
  );
  return file;
}

const SERVER = 'https://10.0.0.1:6443';

describe('the environment', () => {
  test('of a pod leads to its service account, whose token is read at each request', async () => {
    const token = temporaryFile('token');
    const mounted = path.dirname(token);
    writeFileSync(token, 'one\n');
    writeFileSync(path.join(mounted, 'ca.crt'), 'CA');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    const access = accessFromEnvironment(env, mounted);
    expect(await access.connect()).toEqual({
      server: 'https://[fd00::1]:6443',
      headers: { authorization: 'Bearer one' },
      tls: { ca: 'CA' },
    });
    writeFileSync(token, 'two');
    expect((await access.connect()).headers).toEqual({ authorization: 'Bearer two' });
  });

  test('names a server and its files, CALICO_ forms first', async () => {
    const key = temporaryFile('key');
    writeFileSync(key, 'KEY');
    const access = accessFromEnvironment({
      K8S_API_ENDPOINT: 'https://plain:1',
      CALICO_K8S_API_ENDPOINT: 'https://calico:2/',
      K8S_KEY_FILE: key,
      K8S_INSECURE_SKIP_TLS_VERIFY: 'true',
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
    });
    expect(await access.connect()).toEqual({
      server: 'https://calico:2',
      headers: {},
      tls: { key: 'KEY', rejectUnauthorized: false },
    });
  });

  test('names a kubeconfig, a context of it and a server over it', async () => {
    const file = kubeconfig({ cluster: cluster(SERVER), user: { token: 't' }, context: 'lost' });
    const env = { KUBECONFIG: file, K8S_CURRENT_CONTEXT: 'here', K8S_API_ENDPOINT: 'https://x' };
    expect(await accessFromEnvironment(env).connect()).toEqual({
      server: 'https://x',
      headers: { authorization: 'Bearer t' },
      tls: {},
    });
  });

  test('that names no server is an error before anything starts', () => {
    expect(() => accessFromEnvironment({})).toThrow('no Kubernetes API server is named');
  });

  test('beside etcd leads to an API server only where it names one', async () => {
    const home = path.dirname(temporaryFile('kubeconfig'));
    mkdirSync(path.join(home, '.kube'));
    writeFileSync(path.join(home, '.kube', 'config'), '{}');
    expect(accessBesideEtcd({ HOME: home })).toBeUndefined();
    const file = kubeconfig({ cluster: cluster(SERVER), user: {}, context: 'lost' });
    const named = accessBesideEtcd({ KUBECONFIG: file, CALICO_K8S_CURRENT_CONTEXT: 'here' });
    expect((await named?.connect())?.server).toBe(SERVER);
    const token = temporaryFile('token');
    const mounted = path.dirname(token);
    writeFileSync(token, 'one');
    writeFileSync(path.join(mounted, 'ca.crt'), 'CA');
    const pod = accessBesideEtcd({ HOME: home, KUBERNETES_SERVICE_HOST: '10.96.0.1' }, mounted);
    expect((await pod?.connect())?.server).toBe('https://10.96.0.1:443');
  });

  test('forces a group that exists', () => {
    expect(groupFromEnvironment({ CALICO_API_GROUP: 'projectcalico.org/v3' })).toBe(
      'projectcalico.org/v3',
    );
    expect(groupFromEnvironment({ CALICO_API_GROUP: 'x/v1' })).toBeUndefined();
    expect(groupFromEnvironment({})).toBeUndefined();
  });
});

describe('a kubeconfig', () => {
  test('has certificates inside and in files beside it', async () => {
    const data = Buffer.from('CA').toString('base64');
    const file = kubeconfig({
      cluster: cluster(SERVER, {
        'certificate-authority-data': data,
        'tls-server-name': 'kubernetes',
      }),
      user: { 'client-certificate': 'c.pem', 'client-key': 'k.pem' },
    });
    writeFileSync(path.join(path.dirname(file), 'c.pem'), 'CERT');
    writeFileSync(path.join(path.dirname(file), 'k.pem'), 'KEY');
    const { tls } = await kubeconfigAccess(file).connect();
    expect(tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      servername: 'kubernetes',
    });
  });

  test('may have a name and a password, and act for another', async () => {
    const user = { username: 'me', password: 'pw', as: 'you' };
    const file = kubeconfig({ cluster: cluster(SERVER), user });
    expect((await kubeconfigAccess(file).connect()).headers).toEqual({
      authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
      'impersonate-user': 'you',
    });
  });

  test('may run a plug-in for its token, again when the server refuses that', async () => {
    const plugin = temporaryFile('plugin');
    const print = (token: string): void => {
      const status = { token, expirationTimestamp: '2999-01-01T00:00:00Z' };
      writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify({ status })}'\n`);
      chmodSync(plugin, 0o755);
    };
    print('one');
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin } };
    const access = kubeconfigAccess(kubeconfig({ cluster: cluster(SERVER), user }));
    const token = async (): Promise<unknown> => Object.values((await access.connect()).headers);
    expect(await token()).toEqual(['Bearer one']);
    print('two');
    expect(await token()).toEqual(['Bearer one']);
    access.refused();
    expect(await token()).toEqual(['Bearer two']);
  });

  test('is read again when it changes', async () => {
    const file = kubeconfig({ cluster: cluster(SERVER), user: { token: 'one' } });
    const access = kubeconfigAccess(file);
    await access.connect();
    writeFileSync(file, stringify({ 'current-context': 'gone' }));
    await expect(access.connect()).rejects.toThrow('there is no context "gone"');
  });

  test.each([
    ['no such file', {}, 'ENOENT'],
    ['an unknown cluster', { context: 'lost' }, 'there is no cluster "none"'],
    ['a proxy', { cluster: cluster(SERVER, { 'proxy-url': 'socks5://x' }) }, 'proxy-url is not'],
    ['an old provider', { user: { 'auth-provider': { name: 'gcp' } } }, 'auth-provider gcp is not'],
    ['a plug-in that fails', { user: { exec: { command: '/nonexistent' } } }, 'ENOENT'],
  ])('with %s is refused with the reason', async (what, parts, message) => {
    const written = kubeconfig({ cluster: cluster(SERVER), ...parts });
    const file = what === 'no such file' ? `${written}.gone` : written;
    await expect(kubeconfigAccess(file).connect()).rejects.toMatchObject({
      code: 'api-credentials',
      where: file,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('a server with TLS', () => {
  let api: SecureStandIn;

  beforeEach(async () => {
    api = await new SecureStandIn().listen();
  });
  afterEach(() => api.close());

  const ask = async (options: object): Promise<unknown> => {
    const access = fileAccess({ server: api.url, ...options });
    const client = new ApiClient({ access, clock: processClock, patience: 10_000 });
    const signal = new AbortController().signal;
    try {
      return await client.json({ path: '/apis', subject: 'x', signal });
    } finally {
      client.close();
    }
  };

  test('is trusted by its authority, or when it need not be', async () => {
    expect(await ask({ caFile: TLS.cert })).toEqual({ certificate: false });
    expect(await ask({ insecure: true })).toEqual({ certificate: false });
    await expect(ask({})).rejects.toMatchObject({ code: 'api-unreachable' });
  });

  test('is shown a client certificate', async () => {
    const own = { caFile: TLS.cert, certFile: TLS.cert, keyFile: TLS.key };
    expect(await ask(own)).toEqual({ certificate: true });
  });

  test('may have credentials that are broken or half rotated: that is a failure, and no crash', async () => {
    const broken = temporaryFile('broken');
    writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nMIIB');
    const other = temporaryFile('other.key');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(other, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const token = temporaryFile('token');
    writeFileSync(token, 'one\ntwo\u0000');
    for (const own of [
      { certFile: broken, keyFile: TLS.key },
      { certFile: TLS.cert, keyFile: broken },
      { certFile: TLS.cert, keyFile: other },
      { tokenFile: token },
    ])
      await expect(ask({ caFile: TLS.cert, ...own })).rejects.toMatchObject({
        code: 'api-credentials',
        where: api.url,
      });
    await expect(ask({ caFile: broken })).rejects.toBeInstanceOf(ApiFailure);
  });

  test('that is none is unreachable, with the reason', async () => {
    const access = fileAccess({ server: 'nonsense' });
    const client = new ApiClient({ access, clock: processClock, patience: 10_000 });
    const request = { path: '/apis', subject: 'x', signal: new AbortController().signal };
    await expect(client.json(request)).rejects.toMatchObject({
      code: 'api-credentials',
      message: expect.stringContaining('the address is not a URL') as string,
    });
  });
});
