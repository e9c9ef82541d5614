import type { Resource } from '../datastore.ts';
import { cidr } from './fields.ts';
import type { Report } from './report.ts';
import { oneOf, shape, text, wrong } from './schema.ts';
import type { BlockAffinityView } from './views.ts';

const spec = shape({
  cidr,
  node: text,
  state: oneOf('confirmed', 'pending', 'pendingDeletion'),
  /** Text in the crd v1 group, a boolean in v3. */
  deleted: (value, field, report) =>
    value === true || value === 'true' || value === false || value === 'false'
      ? { deleted: String(value) === 'true' }
      : wrong(report, field, value, 'true or false'),
  type: oneOf('host', 'virtual'),
});

/** Reads a BlockAffinity; undefined also for one that is marked as deleted. */
export function readBlockAffinity(
  resource: Resource,
  report: Report,
): BlockAffinityView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  if (fields === undefined || fields.deleted?.deleted === true) return undefined;
  const { cidr: block, node } = fields;
  if (block === undefined || node === undefined) {
    if (report.broken) return undefined;
    return report.error('wrong-value', 'spec', 'lacks cidr or node', 'Give both');
  }
  return {
    kind: 'BlockAffinity',
    name: resource.metadata.name,
    resource,
    node,
    family: block.family,
    cidr: block.text,
    state: fields.state ?? 'confirmed',
  };
}
