import { existsSync } from 'node:fs';
import path from 'node:path';
import { BengalError } from '../../runtime/error.ts';
import { type ApiAccess, type FileAccessOptions, fileAccess } from './access.ts';
import { type CalicoGroup, isCalicoGroup } from './calico-group.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

type Env = Readonly<Record<string, string | undefined>>;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The API server that Calico's environment names: `KUBECONFIG` or `~/.kube/config` with `K8S_*` over
 * it, else `K8S_API_ENDPOINT` alone, else the one of the pod. `CALICO_` forms win over plain ones.
 * Throws a BengalError when the environment names none.
 */
export function accessFromEnvironment(env: Env, mounted: string = SERVICE_ACCOUNT): ApiAccess {
  const given = overridesOf(env);
  const file = variable(env, 'KUBECONFIG') ?? homeConfig(env);
  if (file !== undefined)
    return kubeconfigAccess(file, { ...given, context: variable(env, 'K8S_CURRENT_CONTEXT') });
  const server = given.server ?? serverOfPod(env);
  if (server === undefined) {
    throw new BengalError('api-unknown', 'no Kubernetes API server is named', {
      cure: 'Set KUBECONFIG or K8S_API_ENDPOINT, or run in a pod',
    });
  }
  return fileAccess({ ...(given.server === undefined && podFiles(mounted)), ...given, server });
}

/**
 * The API server beside etcd; undefined when none is named. As in Calico, a `~/.kube/config` does not
 * count there: it may be that of another cluster, and nobody asked for it.
 */
export function accessBesideEtcd(env: Env, mounted?: string): ApiAccess | undefined {
  const isNamed =
    variable(env, 'KUBECONFIG') ?? variable(env, 'K8S_API_ENDPOINT') ?? serverOfPod(env);
  return isNamed === undefined ? undefined : accessFromEnvironment({ ...env, HOME: '' }, mounted);
}

/** The API group that `CALICO_API_GROUP` forces; undefined leaves it to discovery. */
export function groupFromEnvironment(env: Env): CalicoGroup | undefined {
  const group = env['CALICO_API_GROUP'];
  return group !== undefined && isCalicoGroup(group) ? group : undefined;
}

function variable(env: Env, name: string): string | undefined {
  return env[`CALICO_${name}`] || env[name] || undefined;
}

/** What the environment says over a kubeconfig or the pod's own files; absent where it says nothing. */
function overridesOf(env: Env): Partial<FileAccessOptions> {
  const given = {
    server: variable(env, 'K8S_API_ENDPOINT'),
    caFile: variable(env, 'K8S_CA_FILE'),
    certFile: variable(env, 'K8S_CERT_FILE'),
    keyFile: variable(env, 'K8S_KEY_FILE'),
    token: variable(env, 'K8S_API_TOKEN'),
    insecure: variable(env, 'K8S_INSECURE_SKIP_TLS_VERIFY') === 'true' ? true : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function homeConfig(env: Env): string | undefined {
  const home = env['HOME'];
  if (home === undefined || home === '') return undefined;
  const file = path.join(home, '.kube', 'config');
  return existsSync(file) ? file : undefined;
}

function serverOfPod(env: Env): string | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  if (host === '') return undefined;
  return `https://${host.includes(':') ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] || 443}`;
}

const podFiles = (mounted: string): Partial<FileAccessOptions> => ({
  caFile: path.join(mounted, 'ca.crt'),
  tokenFile: path.join(mounted, 'token'),
});
