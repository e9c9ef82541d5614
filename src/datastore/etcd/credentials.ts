import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { EtcdAccess } from './environment.ts';
import { EtcdFailure } from './failure.ts';

interface Credentials {
  readonly rootCertificate: Buffer;
  readonly privateKey?: Buffer;
  readonly certChain?: Buffer;
}

/** Reads the certificate files; undefined for an endpoint without TLS. Throws an EtcdFailure. */
export function credentialsOf(endpoint: string, access: EtcdAccess): Credentials | undefined {
  if (!endpoint.startsWith('https:')) return undefined;
  const { caFile, certFile, keyFile } = access;
  const privateKey = read(keyFile, endpoint);
  const certChain = read(certFile, endpoint);
  return {
    rootCertificate: read(caFile, endpoint) ?? Buffer.from(rootCertificates.join('\n')),
    ...(privateKey !== undefined && { privateKey }),
    ...(certChain !== undefined && { certChain }),
  };
}

function read(file: string | undefined, endpoint: string): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new EtcdFailure('etcd-credentials', endpoint, detail, cause);
  }
}
