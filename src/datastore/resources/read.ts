import { keyOf, type Resource } from '../datastore.ts';
import type { Problem } from '../problem.ts';
import { readBGPConfiguration } from './bgp-configuration.ts';
import { readBGPFilter } from './bgp-filter.ts';
import { readBGPPeer } from './bgp-peer.ts';
import { readBlockAffinity } from './block-affinity.ts';
import { readCalicoNodeStatus } from './calico-node-status.ts';
import { readEndpointSlice } from './endpoint-slice.ts';
import { readIPPool } from './ip-pool.ts';
import { readNode } from './node.ts';
import { Report } from './report.ts';
import { readSecret } from './secret.ts';
import { readService } from './service.ts';
import { suggestion } from './suggestion.ts';
import type { View } from './views.ts';
import { readWorkloadEndpointStatus } from './workload-endpoint-status.ts';

interface Reader {
  /** What an object's apiVersion must be: others have kinds of the same name. */
  readonly api: RegExp;
  readonly read: (resource: Resource, report: Report) => View | undefined;
}

/** Calico's resources under either of its groups, etcd's included. */
const CALICO = /^(crd\.)?projectcalico\.org\//;
const CORE = /^v1$/;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['Node', { api: /^(v1$|(crd\.)?projectcalico\.org\/)/, read: readNode }],
  ['IPPool', { api: CALICO, read: readIPPool }],
  ['BGPConfiguration', { api: CALICO, read: readBGPConfiguration }],
  ['BGPPeer', { api: CALICO, read: readBGPPeer }],
  ['BGPFilter', { api: CALICO, read: readBGPFilter }],
  ['BlockAffinity', { api: CALICO, read: readBlockAffinity }],
  ['CalicoNodeStatus', { api: CALICO, read: readCalicoNodeStatus }],
  ['Secret', { api: CORE, read: readSecret }],
  ['Service', { api: CORE, read: readService }],
  ['EndpointSlice', { api: /^discovery\.k8s\.io\//, read: readEndpointSlice }],
  ['WorkloadEndpointStatus', { api: /^bengal\//, read: readWorkloadEndpointStatus }],
]);

/** Kinds of Calico that have no part in this derivation. */
const OTHER_KINDS: readonly string[] = [
  'ClusterInformation',
  'FelixConfiguration',
  'GlobalNetworkPolicy',
  'GlobalNetworkSet',
  'HostEndpoint',
  'IPAMBlock',
  'IPAMConfig',
  'IPAMConfiguration',
  'IPAMHandle',
  'IPReservation',
  'KubeControllersConfiguration',
  'NetworkPolicy',
  'NetworkSet',
  'Profile',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'StagedNetworkPolicy',
  'Tier',
  'WorkloadEndpoint',
];

export interface Reading {
  /** `kind/namespace/name`. */
  readonly key: string;
  /** Undefined when the object counts as absent, or is of a kind that BGP does not use. */
  readonly view: View | undefined;
  readonly problems: readonly Problem[];
}

const readings = new WeakMap<Resource, Reading>();

/** Validates one object and gives it types. Total: whatever the object holds, nothing is thrown. */
export function readResource(resource: Resource): Reading {
  const known = readings.get(resource);
  if (known !== undefined) return known;
  const reading = read(resource);
  readings.set(resource, reading);
  return reading;
}

function read(resource: Resource): Reading {
  const { kind, metadata } = resource;
  const { name, namespace } = metadata;
  const key = keyOf(resource);
  const report = new Report(`${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`);
  const reader = READERS.get(kind);
  if (reader === undefined || !reader.api.test(resource.apiVersion)) {
    reportKind(resource, report);
    return { key, view: undefined, problems: report.problems };
  }
  const view = reader.read(resource, report);
  return { key, view: report.broken ? undefined : view, problems: report.problems };
}

function reportKind({ apiVersion, kind }: Resource, report: Report): void {
  if (!apiVersion.includes('projectcalico.org/') || OTHER_KINDS.includes(kind)) return;
  const meant = suggestion(kind, [...READERS.keys(), ...OTHER_KINDS]);
  const cure = meant === undefined ? 'Remove it' : `Write ${meant}`;
  report.error('unknown-kind', '', 'is of a kind that Calico does not have', cure);
}
