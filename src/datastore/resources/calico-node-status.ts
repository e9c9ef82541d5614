import type { Resource } from '../datastore.ts';
import type { Report } from './report.ts';
import { integer, listOf, oneOf, shape, text } from './schema.ts';
import type { CalicoNodeStatusView } from './views.ts';

/** Seconds. */
const DAY = 86_400;

const spec = shape({
  node: text,
  classes: listOf(oneOf('Agent', 'BGP', 'Routes')),
  updatePeriodSeconds: integer(0, DAY),
});

/** Reads a CalicoNodeStatus: whose status somebody wants to be told, of what, and how often. */
export function readCalicoNodeStatus(
  resource: Resource,
  report: Report,
): CalicoNodeStatusView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  if (fields === undefined || report.broken) return undefined;
  const { node, classes = [], updatePeriodSeconds } = fields;
  if (node === undefined)
    return report.error('wrong-value', 'spec.node', 'is missing', 'Give the name of a node');
  if (classes.length === 0)
    return report.error('wrong-value', 'spec.classes', 'is empty', 'Give Agent, BGP or Routes');
  const { name } = resource.metadata;
  const period = updatePeriodSeconds ?? 0;
  return { kind: 'CalicoNodeStatus', name, resource, node, classes: [...new Set(classes)], period };
}
