import type { Resource } from './datastore.ts';
import { isObject } from './resources/schema.ts';
import { suggestion } from './resources/suggestion.ts';

/** Takes a parsed document as a resource, or says what it lacks. Total. */
export function asResource(
  document: unknown,
): { readonly resource: Resource } | { readonly fault: string } {
  if (!isObject(document)) return { fault: 'is not a mapping' };
  const { apiVersion, kind, metadata } = document;
  if (typeof apiVersion !== 'string' || apiVersion === '') return { fault: 'lacks apiVersion' };
  if (typeof kind !== 'string' || kind === '') return { fault: 'lacks kind' };
  if (!isObject(metadata)) return { fault: `${kind} lacks metadata` };
  const name = scalarText(metadata['name']);
  if (name === undefined || name === '') return { fault: `${kind} lacks metadata.name` };
  for (const part of ['spec', 'status', 'data', 'stringData'] as const)
    if (!isObject(document[part] ?? {}))
      return { fault: `${part} of ${kind} ${name} is no mapping` };
  const labels = textMap(metadata['labels']);
  const annotations = textMap(metadata['annotations']);
  if (labels === undefined || annotations === undefined)
    return { fault: `labels or annotations of ${kind} ${name} are not all text` };
  const { namespace, resourceVersion } = metadata;
  return {
    resource: {
      apiVersion,
      kind,
      metadata: {
        name,
        ...(typeof namespace === 'string' && { namespace }),
        labels,
        annotations,
        ...(typeof resourceVersion === 'string' && { resourceVersion }),
      },
      ...partsOf(document),
    },
  };
}

/** Fields beside which a Calico object has none. */
const TOP_LEVEL: readonly string[] = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** The first field of a Calico object that does not exist, with the one that may be meant. */
export function strayField(
  document: unknown,
): { readonly name: string; readonly meant: string | undefined } | undefined {
  if (!isObject(document) || !String(document['apiVersion']).includes('projectcalico.org/'))
    return undefined;
  const name = Object.keys(document).find((key) => !TOP_LEVEL.includes(key));
  return name === undefined ? undefined : { name, meant: suggestion(name, TOP_LEVEL) };
}

function partsOf(
  document: Readonly<Record<string, unknown>>,
): Pick<Resource, 'spec' | 'status' | 'data' | 'addressType' | 'endpoints'> {
  const { spec, status, data, stringData, addressType, endpoints } = document;
  return {
    spec: isObject(spec) ? spec : {},
    ...(isObject(status) && { status }),
    ...(typeof addressType === 'string' && { addressType }),
    ...(Array.isArray(endpoints) && { endpoints }),
    ...((isObject(data) || isObject(stringData)) && {
      data: Object.fromEntries([...entries(data), ...entries(stringData).map(encoded)]),
    }),
  };
}

const entries = (value: unknown): [string, unknown][] =>
  isObject(value) ? Object.entries(value) : [];

/** `stringData` of a Secret is what the API server would encode. */
const encoded = ([key, value]: [string, unknown]): [string, unknown] => [
  key,
  typeof value === 'string' ? Buffer.from(value).toString('base64') : value,
];

/** A map of text to text; plain YAML scalars count as the text that they stand for. */
function textMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return undefined;
  const parts = Object.entries(value).map(([key, part]) => [key, scalarText(part)] as const);
  return parts.some(([, part]) => part === undefined)
    ? undefined
    : Object.fromEntries(parts.map(([key, part]) => [key, part ?? '']));
}

function scalarText(value: unknown): string | undefined {
  if (value === null) return '';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
