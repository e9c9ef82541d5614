import type { Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import { canonicalCommunity } from './bgp-configuration.ts';
import { asNumber, cidr, interfaceGlob } from './fields.ts';
import type { Report } from './report.ts';
import { type Check, integer, listOf, oneOf, parsed, shape, wrong } from './schema.ts';
import type { BGPFilterView, FilterOperation, FilterRule } from './views.ts';

const community = parsed('a community such as 64512:1 or 64512:1:2', canonicalCommunity);
const priority = integer(1, 2_147_483_646);
const length = integer(0, 128);

/** AS 0 stands in no AS_PATH (RFC 7607). */
const pathAsn: Check<number> = (value, field, report) => {
  const asn = asNumber(value, field, report);
  return asn === 0 ? wrong(report, field, value, 'an AS number above 0') : asn;
};

const operation = shape({
  addCommunity: shape({ value: community }),
  prependASPath: shape({ prefix: listOf(pathAsn) }),
  setPriority: shape({ value: priority }),
});

const rule = shape({
  action: oneOf('Accept', 'Reject'),
  cidr,
  matchOperator: oneOf('Equal', 'NotEqual', 'In', 'NotIn'),
  prefixLength: shape({ min: length, max: length }),
  source: oneOf('RemotePeers'),
  interface: interfaceGlob,
  peerType: oneOf('eBGP', 'iBGP'),
  communities: shape({ values: listOf(community) }),
  asPathPrefix: listOf(pathAsn),
  priority,
  operations: listOf(operation),
});

const spec = shape({
  exportV4: listOf(rulesOf('ipv4-unicast')),
  importV4: listOf(rulesOf('ipv4-unicast')),
  exportV6: listOf(rulesOf('ipv6-unicast')),
  importV6: listOf(rulesOf('ipv6-unicast')),
});

/** Reads a BGPFilter; one bad rule makes the whole filter count as absent. */
export function readBGPFilter(resource: Resource, report: Report): BGPFilterView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  if (fields === undefined) return undefined;
  return {
    kind: 'BGPFilter',
    name: resource.metadata.name,
    resource,
    rules: {
      import: { 'ipv4-unicast': fields.importV4 ?? [], 'ipv6-unicast': fields.importV6 ?? [] },
      export: { 'ipv4-unicast': fields.exportV4 ?? [], 'ipv6-unicast': fields.exportV6 ?? [] },
    },
  };
}

type Fields = NonNullable<ReturnType<typeof rule>>;

function rulesOf(family: Family): Check<FilterRule> {
  return (value, field, report) => {
    const fields = rule(value, field, report);
    if (fields === undefined) return undefined;
    const { action } = fields;
    if (action === undefined)
      return report.error('wrong-value', `${field}.action`, 'is missing', 'Give Accept or Reject');
    const prefix = prefixOf(fields, family, field, report);
    const operations = (fields.operations ?? []).flatMap((at, index) =>
      operationOf(at, `${field}.operations[${index}]`, report),
    );
    return {
      action,
      prefix,
      fromPeers: fields.source !== undefined,
      interface: fields.interface,
      peerType: fields.peerType,
      community: communityOf(fields, field, report),
      asPathPrefix: fields.asPathPrefix,
      priority: fields.priority,
      operations,
    };
  };
}

function prefixOf(
  fields: Fields,
  family: Family,
  field: string,
  report: Report,
): FilterRule['prefix'] {
  const { cidr: prefix, matchOperator: operator, prefixLength } = fields;
  if (prefix === undefined) return undefined;
  const refuse = (name: string, message: string, cure: string): undefined =>
    report.error('conflicting-fields', `${field}.${name}`, message, cure);
  if (operator === undefined)
    return refuse('cidr', 'needs a matchOperator', 'Add matchOperator: In, or another');
  if (prefix.family !== family)
    return refuse('cidr', 'is of the other address family', 'Move the rule to the other list');
  if (prefixLength !== undefined && (operator === 'Equal' || operator === 'NotEqual'))
    return refuse('prefixLength', `does not go with ${operator}`, 'Use In or NotIn');
  const most = family === 'ipv4-unicast' ? 32 : 128;
  const bits = Number(prefix.text.split('/')[1]);
  return {
    operator,
    cidr: prefix.text,
    least: Math.max(bits, prefixLength?.min ?? 0),
    most: Math.min(most, prefixLength?.max ?? most),
  };
}

function communityOf({ communities }: Fields, field: string, report: Report): string | undefined {
  if (communities === undefined) return undefined;
  const [value, ...more] = communities.values ?? [];
  if (value !== undefined && more.length === 0) return value;
  const path = `${field}.communities.values`;
  return report.error('wrong-value', path, 'is not one community', 'Give exactly one');
}

function operationOf(
  { addCommunity, prependASPath, setPriority }: NonNullable<ReturnType<typeof operation>>,
  field: string,
  report: Report,
): readonly FilterOperation[] {
  const read: FilterOperation[] = [];
  if (addCommunity?.value !== undefined) read.push({ addCommunity: addCommunity.value });
  if (prependASPath?.prefix !== undefined) read.push({ prependAsPath: prependASPath.prefix });
  if (setPriority?.value !== undefined) read.push({ setPriority: setPriority.value });
  if (read.length === 1) return read;
  report.error(
    'wrong-value',
    field,
    'is not exactly one of addCommunity, prependASPath and setPriority',
    'Give one, with its value',
  );
  return [];
}
