import type { Resource } from '../datastore.ts';
import type { Report } from './report.ts';
import type { SecretView } from './views.ts';

/** Reads a Secret; a value that is not base64 text counts as absent. */
export function readSecret(resource: Resource, report: Report): SecretView {
  const data = new Map<string, string>();
  for (const [key, value] of Object.entries(resource.data ?? {})) {
    if (typeof value === 'string' && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value))
      data.set(key, Buffer.from(value, 'base64').toString('utf8'));
    else
      report.warning('wrong-value', `data.${key}`, 'is not base64', 'Encode it, or use stringData');
  }
  const { name, namespace = 'default' } = resource.metadata;
  return { kind: 'Secret', name, resource, namespace, data };
}
