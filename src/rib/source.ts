import type { AddressBytes } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { BgpRole } from '../wire/capabilities/role.ts';
import type { RowWalk } from './row-walk.ts';

/**
 * The rows of one source in one family's table: their list and their number by fate. Each row knows
 * the era of its last announcement, so that all of them are marked at once by beginning another.
 */
export interface SourcePaths {
  /** First row of the list that `PathTable.following` continues; 0 is none. */
  first: number;
  rows: number;
  accepted: number;
  stale: number;
  era: number;
  /** Rows of earlier eras are kept from the peer's last session, until its End-of-RIB (RFC 4724). */
  staleBefore: number;
  /** Rows of earlier eras were not announced again since an enhanced refresh began (RFC 7313). */
  refreshBefore: number;
  /** The last session of the family had add-path: an identifier of 0 is one (RFC 7911 §2). */
  addPath: boolean;
  /** Walks over the list that are under way. */
  readonly walks: Set<RowWalk>;
}

export type SourceSession = 'local' | 'ibgp' | 'ebgp';

/** Who paths came from: this machine, or a peer under one identity. Its id is in every row. */
export interface Source {
  readonly id: number;
  readonly name: string;
  readonly session: SourceSession;
  /** BGP identifier, dotted quad as a number. */
  readonly remoteId: number;
  /** AS number of the peer; 0 for local routes. */
  readonly remoteAsn: number;
  /** What we are to an external peer, RFC 9234; undefined: no role. */
  readonly role: BgpRole | undefined;
  /** Empty for local routes. */
  readonly address: AddressBytes;
  /** Our side of the session is a route reflector and this its client. */
  client: boolean;
  readonly paths: Readonly<Record<Family, SourcePaths>>;
  /** Its own id alone: the members that are not sent its routes. Empty for local routes. */
  readonly except: readonly number[];
}

/** Source id of the routes of this machine. */
export const LOCAL = 0;

const NO_ADDRESS: AddressBytes = new Uint8Array(0);

const noPaths = (): SourcePaths => ({
  first: 0,
  rows: 0,
  accepted: 0,
  stale: 0,
  era: 0,
  staleBefore: 0,
  refreshBefore: 0,
  addPath: false,
  walks: new Set(),
});

/** What makes a source: another value of any of these is another source. */
export type SourceIdentity = Omit<Source, 'id' | 'paths' | 'except'>;

/** All sources by id; an id is given again only when nothing mentions the old one any more. */
export class SourceTable {
  readonly #sources: Source[] = [];
  readonly #mentions: number[] = [];
  readonly #free: number[] = [];

  constructor() {
    this.add({
      name: '',
      session: 'local',
      remoteId: 0,
      remoteAsn: 0,
      role: undefined,
      address: NO_ADDRESS,
      client: false,
    });
  }

  /** Sources that something mentions, the local one included. */
  get size(): number {
    return this.#sources.length - this.#free.length;
  }

  get(id: number): Source {
    return this.#sources[id] as Source;
  }

  /** A new source, mentioned once: by its owner. */
  add(identity: SourceIdentity): Source {
    const { name, session, remoteId, remoteAsn, role, address, client } = identity;
    const id = this.#free.pop() ?? this.#sources.length;
    const paths = { 'ipv4-unicast': noPaths(), 'ipv6-unicast': noPaths() };
    const except = id === LOCAL ? [] : [id];
    // Field by field: V8 gives objects that are spread hidden classes of their own, and every
    // change reads sources.
    const source: Source = {
      id,
      name,
      session,
      remoteId,
      remoteAsn,
      role,
      address,
      client,
      paths,
      except,
    };
    this.#sources[id] = source;
    this.#mentions[id] = 1;
    return source;
  }

  mention(id: number): void {
    this.#mentions[id] = (this.#mentions[id] as number) + 1;
  }

  forget(id: number): void {
    const left = (this.#mentions[id] as number) - 1;
    this.#mentions[id] = left;
    if (left === 0) this.#free.push(id);
  }
}
