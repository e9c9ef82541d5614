import type { Resource } from '../datastore/datastore.ts';
import { readResource } from '../datastore/resources/read.ts';
import type { NodeView } from '../datastore/resources/views.ts';
import { FAMILIES } from '../net/family.ts';

/** What an object stands for beside its name: another one with the same takes its place. */
export function claimsOf(resource: Resource): readonly string[] {
  const { view } = readResource(resource);
  switch (view?.kind) {
    case 'Node':
      return addressesOf(view).map((address) => `Node ${address}`);
    case 'IPPool':
    case 'BlockAffinity':
      return [`${view.kind} ${view.cidr}`];
    case 'BGPPeer': {
      const { node, nodeSelector, peerIP, peerSelector, localWorkloadSelector } = resource.spec;
      const ends = [node, nodeSelector, peerIP, peerSelector, localWorkloadSelector];
      return [`BGPPeer ${JSON.stringify(ends)}`];
    }
    default:
      return [];
  }
}

/** A Node that keeps its name but not its BGP addresses is as good as gone. */
export function losesAddresses(before: Resource, after: Resource): boolean {
  return after.kind === 'Node' && hasAddress(before) && !hasAddress(after);
}

function hasAddress(resource: Resource): boolean {
  const { view } = readResource(resource);
  return view?.kind === 'Node' && addressesOf(view).length > 0;
}

const addressesOf = ({ addresses }: NodeView): readonly string[] =>
  FAMILIES.flatMap((family) => addresses[family]?.address ?? []);
