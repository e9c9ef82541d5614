import { BengalError } from '../../runtime/error.ts';

/** How to reach etcd; the files are read at each attempt to connect. */
export interface EtcdAccess {
  /** `http://HOST:PORT` or `https://HOST:PORT`, at least one. */
  readonly endpoints: readonly string[];
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The etcd that Calico's environment names. Throws a BengalError when it names none or half of one. */
export function etcdFromEnvironment(env: Env): EtcdAccess {
  const written = variable(env, 'ETCD_ENDPOINTS');
  if (written === undefined) throw invalid('ETCD_ENDPOINTS', 'is not set', ENDPOINTS_CURE);
  const name = variable(env, 'ETCD_USERNAME');
  const password = variable(env, 'ETCD_PASSWORD');
  if ((name === undefined) !== (password === undefined))
    throw invalid('ETCD_USERNAME, ETCD_PASSWORD', 'only one of them is set', 'Set both or none');
  const certFile = variable(env, 'ETCD_CERT_FILE');
  const keyFile = variable(env, 'ETCD_KEY_FILE');
  if ((certFile === undefined) !== (keyFile === undefined))
    throw invalid('ETCD_CERT_FILE, ETCD_KEY_FILE', 'only one of them is set', 'Set both or none');
  return {
    endpoints: endpointsOf(written),
    user: name === undefined || password === undefined ? undefined : { name, password },
    caFile: variable(env, 'ETCD_CA_CERT_FILE'),
    certFile,
    keyFile,
  };
}

const ENDPOINTS_CURE = 'Write it as https://10.0.0.1:2379,https://10.0.0.2:2379';

/** Calico's own form of a variable wins over the plain one; empty counts as not set. */
const variable = (env: Env, name: string): string | undefined =>
  env[`CALICO_${name}`] || env[name] || undefined;

function endpointsOf(written: string): readonly string[] {
  const endpoints = written.split(',').flatMap((text) => text.trim() || []);
  if (endpoints.length === 0) throw invalid('ETCD_ENDPOINTS', 'names no endpoint', ENDPOINTS_CURE);
  return endpoints.map((text) => {
    const [, scheme = 'http', host] = /^(?:(https?):\/\/)?([^/\s]+:\d{1,5})\/?$/.exec(text) ?? [];
    if (host === undefined)
      throw invalid('ETCD_ENDPOINTS', `${text} is not an endpoint`, ENDPOINTS_CURE);
    return `${scheme}://${host}`;
  });
}

const invalid = (where: string, message: string, cure: string): BengalError =>
  new BengalError('etcd-environment', message, { where, cure });
