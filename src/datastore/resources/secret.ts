import { isUtf8 } from 'node:buffer';
import type { Resource } from '../datastore.ts';
import type { Report } from './report.ts';
import type { SecretView } from './views.ts';

/** Reads a Secret; a value that is not text in base64 counts as absent. */
export function readSecret(resource: Resource, report: Report): SecretView {
  const data = new Map<string, string>();
  for (const [key, value] of Object.entries(resource.data ?? {})) {
    const decoded = decode(value);
    if (decoded !== undefined) data.set(key, decoded);
    else
      report.warning(
        'wrong-value',
        `data.${key}`,
        'is not UTF-8 text in base64',
        'Encode it, or use stringData',
      );
  }
  const { name, namespace = 'default' } = resource.metadata;
  return { kind: 'Secret', name, resource, namespace, data };
}

function decode(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const compact = value.replaceAll(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  const bytes = Buffer.from(compact, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
