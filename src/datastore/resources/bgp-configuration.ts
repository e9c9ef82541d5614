import { formatPrefix, parsePrefix, prefixFamily } from '../../net/prefix.ts';
import type { Resource } from '../datastore.ts';
import { readSessionAnnotations } from './annotations.ts';
import { asNumber, cidr, duration, interfaceGlob, password, port } from './fields.ts';
import type { Report } from './report.ts';
import { anything, flag, integer, listOf, oneOf, parsed, shape, text } from './schema.ts';
import type {
  BGPConfigurationView,
  Cidr,
  PrefixAdvertisement,
  SessionAnnotations,
} from './views.ts';

const severity = parsed('one of Trace, Debug, Info, Warning, Error, Fatal', (written) =>
  /^(trace|debug|info|warning|error|fatal)$/i.exec(written)?.[0]?.toLowerCase(),
);

const community = parsed('a community such as 64512:1 or 64512:1:2', canonicalCommunity);

const spec = shape({
  logSeverityScreen: severity,
  nodeToNodeMeshEnabled: flag,
  asNumber,
  listenPort: port,
  bindMode: oneOf('None', 'NodeIP'),
  ignoredInterfaces: listOf(interfaceGlob),
  nodeMeshPassword: password,
  nodeMeshMaxRestartTime: duration,
  programClusterRoutes: text,
  ipv4NormalRoutePriority: integer(1, 2_147_483_646),
  ipv6NormalRoutePriority: integer(1, 2_147_483_646),
  communities: listOf(shape({ name: text, value: community })),
  prefixAdvertisements: listOf(shape({ cidr: text, communities: listOf(text) })),
  serviceClusterIPs: listOf(shape({ cidr })),
  serviceExternalIPs: listOf(shape({ cidr })),
  serviceLoadBalancerIPs: listOf(shape({ cidr })),
  serviceLoadBalancerAggregation: oneOf('Enabled', 'Disabled'),
  localWorkloadPeeringIPV4: anything,
  localWorkloadPeeringIPV6: anything,
});

type Fields = NonNullable<ReturnType<typeof spec>>;

/** Reads a BGPConfiguration: `default` for the cluster, `node.NAME` for one node. */
export function readBGPConfiguration(
  resource: Resource,
  report: Report,
): BGPConfigurationView | undefined {
  const { name } = resource.metadata;
  const fields = spec(resource.spec, 'spec', report);
  if (name !== 'default' && !name.startsWith('node.'))
    return report.warning('ignored-name', '', 'is ignored', 'Name it default or node.<node name>');
  if (fields === undefined) return undefined;
  checkTogether(fields, report);
  const annotated = readSessionAnnotations(resource, report);
  if (name !== 'default') reportGlobalFields(fields, annotated, report);
  const advertisements = fields.prefixAdvertisements?.flatMap((at, index) =>
    readAdvertisement(at, index, report),
  );
  return {
    kind: 'BGPConfiguration',
    name,
    resource,
    annotated,
    logSeverity: fields.logSeverityScreen,
    meshEnabled: fields.nodeToNodeMeshEnabled,
    asn: fields.asNumber || undefined,
    listenPort: fields.listenPort || undefined,
    bindMode: fields.bindMode,
    ignoredInterfaces: fields.ignoredInterfaces ?? [],
    meshPassword: fields.nodeMeshPassword,
    meshRestartTime: fields.nodeMeshMaxRestartTime,
    programClusterRoutes: readRoutePolicy(fields.programClusterRoutes, report),
    normalRoutePriority: {
      'ipv4-unicast': fields.ipv4NormalRoutePriority,
      'ipv6-unicast': fields.ipv6NormalRoutePriority,
    },
    communities: new Map(
      fields.communities?.flatMap((at) => (at.name && at.value ? [[at.name, at.value]] : [])),
    ),
    prefixAdvertisements: advertisements,
    serviceClusterIps: cidrsOf(fields.serviceClusterIPs),
    serviceExternalIps: cidrsOf(fields.serviceExternalIPs),
    serviceLoadBalancerIps: cidrsOf(fields.serviceLoadBalancerIPs),
    aggregatesLoadBalancerIps: fields.serviceLoadBalancerAggregation !== 'Disabled',
  };
}

/** Entries without a CIDR are allowed, and mean nothing. */
const cidrsOf = (entries: readonly { readonly cidr: Cidr | undefined }[] = []): readonly Cidr[] =>
  entries.flatMap((entry) => entry.cidr ?? []);

/** `a:b` or `a:b:c` of decimal digits in shortest form, undefined for anything else. */
export function canonicalCommunity(written: string): string | undefined {
  const parts = written.split(':');
  const most = parts.length === 2 ? 0xffff : 0xffff_ffff;
  if (parts.length !== 2 && parts.length !== 3) return undefined;
  if (!parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= most)) return undefined;
  return parts.map(Number).join(':');
}

/** What a node's own object has a say in; whatever else it holds Calico does not look at. */
const NODE_FIELDS: ReadonlySet<string> = new Set([
  'logSeverityScreen',
  'listenPort',
  'communities',
  'prefixAdvertisements',
]);

function reportGlobalFields(
  fields: Fields,
  annotated: SessionAnnotations | undefined,
  report: Report,
): void {
  const only = 'has a meaning in BGPConfiguration default only; it is ignored';
  if (annotated !== undefined)
    report.warning('ignored-field', 'metadata.annotations', only, 'Annotate default instead');
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || NODE_FIELDS.has(field)) continue;
    report.warning('ignored-field', `spec.${field}`, only, 'Move it to default');
  }
}

function checkTogether(fields: Fields, report: Report): void {
  if (fields.nodeToNodeMeshEnabled === false) {
    for (const field of ['nodeMeshPassword', 'nodeMeshMaxRestartTime'] as const) {
      if (fields[field] === undefined) continue;
      report.error(
        'conflicting-fields',
        `spec.${field}`,
        'has no meaning while nodeToNodeMeshEnabled is false',
        'Remove it, or enable the mesh',
      );
    }
  }
  if ((fields.communities?.length ?? 0) > 0 && (fields.prefixAdvertisements?.length ?? 0) === 0)
    report.error(
      'conflicting-fields',
      'spec.communities',
      'communities need at least one prefixAdvertisement',
      'Add a prefixAdvertisement or remove the communities',
    );
}

/** An unknown value counts as the default: a newer Calico may know more of them. */
function readRoutePolicy(
  written: string | undefined,
  report: Report,
): BGPConfigurationView['programClusterRoutes'] {
  const known = ['Enabled', 'Disabled', 'EnabledIPIPOnly', 'EnabledNoEncapOnly'] as const;
  const policy = known.find((word) => word === written);
  if (policy === undefined && written !== undefined)
    report.warning(
      'wrong-value',
      'spec.programClusterRoutes',
      `${JSON.stringify(written)} is unknown; the default is used`,
      `Give one of ${known.join(', ')}`,
    );
  return policy;
}

function readAdvertisement(
  written: {
    readonly cidr: string | undefined;
    readonly communities: readonly string[] | undefined;
  },
  index: number,
  report: Report,
): readonly PrefixAdvertisement[] {
  if (written.cidr === undefined) return [];
  const prefix = parsePrefix(written.cidr);
  if (prefix === undefined) {
    const field = `spec.prefixAdvertisements[${index}].cidr`;
    report.error('wrong-value', field, 'is not a CIDR', 'Give a CIDR such as 10.1.0.0/16');
    return [];
  }
  const communities = written.communities ?? [];
  return [{ family: prefixFamily(prefix), cidr: formatPrefix(prefix), communities }];
}
