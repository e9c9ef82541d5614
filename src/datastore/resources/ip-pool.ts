import type { Resource } from '../datastore.ts';
import { cidr } from './fields.ts';
import type { Report } from './report.ts';
import { anything, flag, oneOf, shape } from './schema.ts';
import type { IPPoolView } from './views.ts';

const spec = shape({
  cidr,
  ipipMode: oneOf('Always', 'CrossSubnet', 'Never'),
  vxlanMode: oneOf('Always', 'CrossSubnet', 'Never'),
  disableBGPExport: flag,
  allowedUses: anything,
  assignmentMode: anything,
  blockSize: anything,
  disabled: anything,
  ipip: anything,
  namespaceSelector: anything,
  natOutgoing: anything,
  'nat-outgoing': anything,
  nodeSelector: anything,
});

const MODES = { Always: 'always', CrossSubnet: 'cross-subnet', Never: 'never' } as const;

/** Reads an IPPool; what does not concern BGP is not looked at, so a disabled pool is still one. */
export function readIPPool(resource: Resource, report: Report): IPPoolView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  if (fields?.cidr === undefined) {
    if (report.broken) return undefined;
    return report.error('wrong-value', 'spec.cidr', 'is missing', 'Give the CIDR of the pool');
  }
  return {
    kind: 'IPPool',
    name: resource.metadata.name,
    resource,
    family: fields.cidr.family,
    cidr: fields.cidr.text,
    ipip: MODES[fields.ipipMode ?? 'Never'],
    vxlan: MODES[fields.vxlanMode ?? 'Never'],
    disableBGPExport: fields.disableBGPExport ?? false,
  };
}
