import { formatPrefix, parsePrefix } from '../../net/prefix.ts';
import { asResource } from '../as-resource.ts';
import type { Resource } from '../datastore.ts';
import { isObject } from '../resources/schema.ts';

/** Whose IPAM blocks are of interest. */
export type BlocksOf = 'all' | 'none' | { readonly node: string };

const RESOURCES = '/calico/resources/v3/projectcalico.org/';
const AFFINITIES = '/calico/ipam/v2/host/';

/** The kinds of Calico's v3 resources that BGP uses, by their plural in keys. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['bgpconfigurations', 'BGPConfiguration'],
  ['bgpfilters', 'BGPFilter'],
  ['bgppeers', 'BGPPeer'],
  ['ippools', 'IPPool'],
  ['nodes', 'Node'],
]);

const NODE_STATUSES = 'caliconodestatuses';

/** Kinds by plural, with the one whose status is written here. */
const READABLE: ReadonlyMap<string, string> = new Map([
  ...KINDS,
  [NODE_STATUSES, 'CalicoNodeStatus'],
]);

/** Beginning of the keys of CalicoNodeStatus objects; the name follows. */
export const NODE_STATUS_PREFIX: string = `${RESOURCES}${NODE_STATUSES}/`;

/** Beginnings of all keys that a derivation reads. */
export const prefixesOf = (blocksOf: BlocksOf): readonly string[] => [
  ...[...KINDS.keys()].map((plural) => `${RESOURCES}${plural}/`),
  ...blockPrefixes(blocksOf),
];

function blockPrefixes(blocksOf: BlocksOf): readonly string[] {
  if (blocksOf === 'none') return [];
  return [blocksOf === 'all' ? AFFINITIES : `${AFFINITIES}${blocksOf.node}/`];
}

export type Taken = { readonly resource: Resource } | { readonly fault: string };

/** Reads the object behind a key. The key names it, whatever the value says. Total. */
export function takeObject(key: string, value: Buffer): Taken {
  if (key.startsWith(AFFINITIES)) return takeAffinity(key.slice(AFFINITIES.length), value);
  const [plural = '', name = '', ...more] = key.slice(RESOURCES.length).split('/');
  const kind = READABLE.get(plural);
  if (!key.startsWith(RESOURCES) || kind === undefined || name === '' || more.length > 0)
    return { fault: 'the key is not one of Calico' };
  const document = parseJson(value.toString());
  if (!isObject(document)) return { fault: 'is not a JSON object' };
  const metadata = isObject(document['metadata']) ? document['metadata'] : {};
  const identity = { name, namespace: undefined, resourceVersion: undefined };
  return asResource({
    apiVersion: 'projectcalico.org/v3',
    ...document,
    kind,
    metadata: { ...metadata, ...identity },
  });
}

/** The key under which Calico stores an object; undefined for what has no place in etcd. */
export function etcdKeyOf({ apiVersion, kind, metadata, spec }: Resource): string | undefined {
  if (!apiVersion.includes('projectcalico.org/')) return undefined;
  if (kind === 'BlockAffinity') {
    const cidr = String(spec['cidr']);
    const family = cidr.includes(':') ? 'ipv6' : 'ipv4';
    return `${AFFINITIES}${spec['node']}/${family}/block/${cidr.replace('/', '-')}`;
  }
  const plural = [...READABLE].find(([, of]) => of === kind)?.[0];
  return plural && `${RESOURCES}${plural}/${metadata.name}`;
}

/** What Calico stores under that key. */
export function etcdValueOf(resource: Resource): string {
  const { cidr: _cidr, node: _node, ...rest } = resource.spec;
  return JSON.stringify(
    resource.kind === 'BlockAffinity' ? rest : { ...resource, apiVersion: 'projectcalico.org/v3' },
  );
}

/** `<node>/ipv4|ipv6/block/<cidr with a dash for the slash>`; the value may be empty. */
function takeAffinity(path: string, value: Buffer): Taken {
  const [node = '', family, block, written = '', ...more] = path.split('/');
  const cidr = written.replace(/-(\d+)$/, '/$1');
  const prefix = parsePrefix(cidr);
  const isCalico = /^ipv[46]$/.test(family ?? '') && block === 'block' && more.length === 0;
  if (!isCalico || node === '' || prefix === undefined || formatPrefix(prefix) !== cidr)
    return { fault: 'the key is not that of a block' };
  const document = value.length === 0 ? {} : parseJson(value.toString());
  if (!isObject(document)) return { fault: 'is not a JSON object' };
  return asResource({
    apiVersion: 'projectcalico.org/v3',
    kind: 'BlockAffinity',
    metadata: { name: `${node}-${cidr.replace(/[.:/]/g, '-')}` },
    spec: { ...document, node, cidr },
  });
}

/** Undefined for anything but JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
