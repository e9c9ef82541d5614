import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { isObject } from '../resources/schema.ts';
import { type ApiAccess, bearer, type Connection, type FileAccessOptions } from './access.ts';
import { ApiFailure } from './failure.ts';

/** What the environment says over the file. */
export type KubeconfigOverrides = Partial<FileAccessOptions> & {
  readonly context?: string | undefined;
};

/** Puts the credentials of a kind of user into a request. */
interface Authenticator {
  applyAuthentication(user: User, request: RequestOptions): Promise<void>;
}

/** A kubeconfig as read. */
interface Loaded {
  readonly text: string;
  readonly cluster: Cluster;
  readonly user: User | undefined;
  readonly authenticator: Authenticator | undefined;
}

/**
 * The API server of a kubeconfig's context. `@kubernetes/client-node` reads entries, runs credential
 * plug-ins and renews OpenID tokens; only these parts of it are loaded, and only here, because with
 * its generated API classes it takes 70 MB of memory.
 */
export function kubeconfigAccess(file: string, overrides: KubeconfigOverrides = {}): ApiAccess {
  let loaded: Loaded | undefined;
  return {
    name: file,
    connect: async () => {
      try {
        const text = readFileSync(file, 'utf8');
        if (loaded?.text !== text) loaded = await load(text, overrides.context);
        return await connectionOf(loaded, path.dirname(file), overrides);
      } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new ApiFailure('api-credentials', file, detail, { cause });
      }
    },
    refused: () => {
      loaded = undefined;
    },
  };
}

async function load(text: string, wanted: string | undefined): Promise<Loaded> {
  const { newClusters, newContexts, newUsers } = await import(
    '@kubernetes/client-node/dist/config_types.js'
  );
  const config: unknown = parse(text);
  if (!isObject(config)) throw new Error('it is no mapping');
  const list = (name: string): unknown[] => (Array.isArray(config[name]) ? config[name] : []);
  const name = wanted ?? String(config['current-context'] ?? '');
  const context = newContexts(list('contexts')).find((at) => at.name === name);
  if (context === undefined) throw new Error(`there is no context "${name}"`);
  const cluster = newClusters(list('clusters')).find((at) => at.name === context.cluster);
  if (cluster === undefined) throw new Error(`there is no cluster "${context.cluster}"`);
  if (cluster.proxyUrl) throw new Error('proxy-url is not supported');
  const user = newUsers(list('users')).find((at) => at.name === context.user);
  return { text, cluster, user, authenticator: user && (await authenticatorOf(user)) };
}

async function authenticatorOf(user: User): Promise<Authenticator | undefined> {
  const provider: unknown = user.authProvider?.name;
  if (user.exec || provider === 'exec') {
    const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
    return new ExecAuth();
  }
  if (provider === 'oidc') {
    const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
    return new OpenIDConnectAuth();
  }
  if (provider !== undefined)
    throw new Error(`auth-provider ${String(provider)} is not supported; use a plug-in (exec)`);
  return undefined;
}

async function connectionOf(
  { cluster, user, authenticator }: Loaded,
  directory: string,
  overrides: KubeconfigOverrides,
): Promise<Connection> {
  const file = (own: string | undefined, over: string | undefined): Buffer | undefined => {
    const name = over ?? (own ? path.resolve(directory, own) : undefined);
    return name === undefined ? undefined : readFileSync(name);
  };
  const request: RequestOptions & { headers: Record<string, string> } = {
    headers: { ...authorizationOf(user, overrides.token) },
    ca: file(cluster.caFile, overrides.caFile) ?? inline(cluster.caData),
    cert: file(user?.certFile, overrides.certFile) ?? inline(user?.certData),
    key: file(user?.keyFile, overrides.keyFile) ?? inline(user?.keyData),
  };
  if (user !== undefined) await authenticator?.applyAuthentication(user, request);
  const { headers, ca, cert, key } = request;
  const insecure = overrides.insecure ?? cluster.skipTLSVerify;
  return {
    server: (overrides.server ?? cluster.server).replace(/\/+$/, ''),
    headers,
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(insecure && { rejectUnauthorized: false }),
      ...(cluster.tlsServerName !== undefined && { servername: cluster.tlsServerName }),
    },
  };
}

function authorizationOf(
  user: User | undefined,
  token: string | undefined,
): Readonly<Record<string, string>> {
  const impersonated = user?.impersonateUser ? { 'impersonate-user': user.impersonateUser } : {};
  const given = token ?? user?.token;
  if (given) return { ...impersonated, ...bearer(given.trim()) };
  if (!user?.username) return impersonated;
  const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
  return { ...impersonated, authorization: `Basic ${basic}` };
}

const inline = (base64: string | undefined): Buffer | undefined =>
  base64 ? Buffer.from(base64, 'base64') : undefined;
