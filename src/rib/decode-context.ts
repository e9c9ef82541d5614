import type { CodecContext } from '../wire/path-attributes.ts';

/** Under what the bytes of an attribute set were received: the same bytes may mean other things. */
export interface DecodeContext {
  readonly id: number;
  readonly codec: CodecContext;
  readonly reachable: 'classic' | 'mp';
  /** Our AS number in that session: how often it is in the path is counted once. */
  readonly localAsn: number;
  /** Zone of link-local next hops. */
  readonly interface: string;
}

/** The decode contexts in use; there are as many as kinds of sessions. */
export class DecodeContexts {
  readonly #contexts: DecodeContext[] = [];
  readonly #ids = new Map<string, DecodeContext>();

  get(id: number): DecodeContext {
    return this.#contexts[id] as DecodeContext;
  }

  intern(
    codec: CodecContext,
    reachable: 'classic' | 'mp',
    localAsn: number,
    zone: string,
  ): DecodeContext {
    const { as4, kind, extendedNextHop, families } = codec;
    const key = JSON.stringify([as4, kind, extendedNextHop, families, reachable, localAsn, zone]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#contexts.length;
    const context: DecodeContext = { id, codec, reachable, localAsn, interface: zone };
    this.#contexts.push(context);
    this.#ids.set(key, context);
    return context;
  }
}
