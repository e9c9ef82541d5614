import { difference } from '../config/difference.ts';
import type { Problem } from '../datastore/problem.ts';
import type { NodeView } from '../datastore/resources/views.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { byKey, keyOfView } from './trace.ts';

export interface UniqueNodes {
  /** Where two have one address, only the first by key still has it. */
  readonly nodes: readonly NodeView[];
  readonly problems: readonly Problem[];
}

interface Loser {
  readonly families: readonly Family[];
  readonly view: NodeView;
}

const NONE: readonly Problem[] = [];

/** The nodes by their addresses, kept up as nodes come and go. */
export class UniqueAddresses {
  readonly #ownName: string;
  #nodes: readonly NodeView[] = [];
  #result: UniqueNodes = { nodes: [], problems: NONE };
  readonly #owners = new Map<string, NodeView>();
  /** Of addresses that several nodes have: those that must do without, in order. */
  readonly #others = new Map<string, readonly NodeView[]>();
  #losers = new Map<NodeView, Loser>();

  /** `ownName` keeps its address even where another node has the same. */
  constructor(ownName: string) {
    this.#ownName = ownName;
  }

  /** The first node by key that has an address. */
  ownerOf(address: string): NodeView | undefined {
    return this.#owners.get(address);
  }

  /** `nodes` in the order of their keys. */
  of(nodes: readonly NodeView[]): UniqueNodes {
    if (nodes === this.#nodes) return this.#result;
    const { gone, come } = difference(this.#nodes, nodes, keyOfView);
    for (const node of gone) for (const address of addressesOf(node)) this.#drop(address, node);
    for (const node of come) for (const address of addressesOf(node)) this.#add(address, node);
    this.#nodes = nodes;
    this.#result = this.#withoutShared(nodes);
    return this.#result;
  }

  #add(address: string, node: NodeView): void {
    const owner = this.#owners.get(address);
    if (owner === undefined) this.#owners.set(address, node);
    else this.#settle(address, [owner, ...(this.#others.get(address) ?? []), node]);
  }

  #drop(address: string, node: NodeView): void {
    const owner = this.#owners.get(address);
    const all = [...(owner === undefined ? [] : [owner]), ...(this.#others.get(address) ?? [])];
    this.#settle(
      address,
      all.filter((at) => at !== node),
    );
  }

  #settle(address: string, nodes: readonly NodeView[]): void {
    const [owner, ...others] = [...nodes].sort(byKey);
    if (owner === undefined) this.#owners.delete(address);
    else this.#owners.set(address, owner);
    if (others.length === 0) this.#others.delete(address);
    else this.#others.set(address, others);
  }

  #withoutShared(nodes: readonly NodeView[]): UniqueNodes {
    const before = this.#losers;
    this.#losers = new Map();
    if (this.#others.size === 0) return { nodes, problems: NONE };
    const losers = [...new Set([...this.#others.values()].flat())];
    losers.sort(byKey);
    const problems: Problem[] = [];
    for (const node of losers) {
      const families = FAMILIES.filter((family) => this.#isOthers(node, family));
      for (const family of families) problems.push(this.#shared(node, family));
      const known = before.get(node);
      const same = known !== undefined && String(known.families) === String(families);
      const view = node.name === this.#ownName ? node : without(node, families);
      this.#losers.set(node, same ? known : { families, view });
    }
    return { nodes: nodes.map((node) => this.#losers.get(node)?.view ?? node), problems };
  }

  #isOthers(node: NodeView, family: Family): boolean {
    const address = node.addresses[family]?.address;
    return address !== undefined && this.#owners.get(address) !== node;
  }

  #shared({ name, addresses }: NodeView, family: Family): Problem {
    const address = addresses[family]?.address ?? '';
    const owner = this.#owners.get(address)?.name;
    const isOwn = name === this.#ownName;
    const used = isOwn ? 'nobody else peers with this node' : `${owner} is used`;
    return {
      code: 'duplicate-address',
      severity: 'error',
      where: `Node ${name}`,
      message: `nodes ${owner} and ${name} have the same address ${address}; ${used}`,
      cure: `Give ${name} or ${owner} another address`,
    };
  }
}

const addressesOf = ({ addresses }: NodeView): readonly string[] =>
  FAMILIES.flatMap((family) => addresses[family]?.address ?? []);

const without = (node: NodeView, families: readonly Family[]): NodeView => ({
  ...node,
  addresses: {
    ...node.addresses,
    ...Object.fromEntries(families.map((family) => [family, undefined])),
  },
});
