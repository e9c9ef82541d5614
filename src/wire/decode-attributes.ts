import { AS_TRANS } from './attributes/as-path.ts';
import { mergeAs4Path } from './attributes/as4-path.ts';
import { type AttributeDraft, type AttributeRemedy, PARTIAL } from './attributes/attribute-row.ts';
import { DEFAULT_LOCAL_PREF, LOCAL_PREF } from './attributes/local-pref.ts';
import { NEXT_HOP } from './attributes/next-hop.ts';
import { MessageError } from './errors.ts';
import { type ParsedAttributes, parseAttributes } from './parse-attributes.ts';
import type { CodecContext, PathAttributes } from './path-attributes.ts';
import type { Reachable } from './update-scan.ts';

/** A set of attributes after RFC 7606, and what is to be done with the routes that carry it. */
export type DecodedAttributes =
  | {
      readonly disposition: 'accept' | 'withdraw';
      readonly attributes: PathAttributes;
      readonly remedies: readonly AttributeRemedy[];
      /**
       * True when the received block, without its MP attributes, means the same to any peer of the
       * same AS-number size: it may be sent on, or given to `reflectAttributes`, undecoded.
       */
      readonly verbatim: boolean;
    }
  | {
      readonly disposition: 'reset';
      readonly error: MessageError;
      readonly remedies: readonly AttributeRemedy[];
    };

const ORIGIN = 1;
const AS_PATH = 2;

/**
 * Decodes an attribute block: the one of an UPDATE that `scanUpdate` passed, or what
 * `writeAttributeKey` made of it. `reachable` says which of the UPDATE's prefixes the result is
 * for: it decides where the next hop comes from, what is mandatory, and whether there is a route
 * that can be withdrawn (RFC 7606 §5.2). Remote input never makes it throw.
 */
export function decodeAttributes(
  bytes: Buffer,
  start: number,
  end: number,
  context: CodecContext,
  reachable: Reachable,
): DecodedAttributes {
  const parsed = parseAttributes(bytes, start, end, context);
  const { draft } = parsed;
  // NEXT_HOP belongs to classic NLRI alone, RFC 4760 §3.
  const remedies = parsed.remedies.filter(
    ({ type }) => type !== NEXT_HOP || reachable === 'classic',
  );
  if (reachable !== 'none') remedies.push(...missing(parsed, reachable));
  const withdraw = remedies.some(({ remedy }) => remedy === 'withdraw');
  if (withdraw && reachable === 'none') {
    const error = new MessageError(3, 1, 'error-without-nlri');
    return { disposition: 'reset', error, remedies };
  }
  if (context.kind === 'ibgp' && reachable !== 'none' && !parsed.seen[LOCAL_PREF]) {
    remedies.push({ type: LOCAL_PREF, remedy: 'default', reason: 'missing-local-pref' });
    draft.localPref = DEFAULT_LOCAL_PREF;
  }
  return {
    disposition: withdraw ? 'withdraw' : 'accept',
    attributes: finished(draft, reachable),
    remedies,
    verbatim: remedies.length === 0 && isVerbatim(parsed, reachable),
  };
}

/** RFC 7606 §3 (d). An attribute that was there, but malformed, is not missing. */
function missing({ seen, cutShort }: ParsedAttributes, reachable: Reachable): AttributeRemedy[] {
  if (cutShort) return [];
  const mandatory = reachable === 'classic' ? [ORIGIN, AS_PATH, NEXT_HOP] : [ORIGIN, AS_PATH];
  return mandatory
    .filter((type) => !seen[type])
    .map((type) => ({ type, remedy: 'withdraw', reason: 'missing-attribute' }));
}

function finished(draft: AttributeDraft, reachable: Reachable): PathAttributes {
  const { mpNextHop, mpLinkLocalNextHop, as4Path, as4Aggregator, untidy, opaque, ...attributes } =
    draft;
  if (reachable !== 'classic') {
    attributes.nextHop = mpNextHop;
    attributes.linkLocalNextHop = mpLinkLocalNextHop;
  }
  // RFC 6793 §4.2.3: an AGGREGATOR that is not AS_TRANS was set by a 2-octet speaker behind the
  // one that wrote the AS4 attributes; both are out of date then.
  const { aggregator, asPath } = attributes;
  const outdated = as4Aggregator !== undefined && aggregator && aggregator.asn !== AS_TRANS;
  if (outdated) return attributes;
  if (as4Aggregator !== undefined && aggregator !== undefined)
    attributes.aggregator = as4Aggregator;
  if (as4Path !== undefined && asPath !== undefined) {
    attributes.asPath = mergeAs4Path(asPath, as4Path);
  }
  return attributes;
}

/** Nothing was assumed, merged, ignored or marked Partial on the way to the decoded attributes. */
function isVerbatim({ draft, seen }: ParsedAttributes, reachable: Reachable): boolean {
  return (
    !draft.untidy &&
    draft.as4Path === undefined &&
    draft.as4Aggregator === undefined &&
    draft.opaque.every(({ flags }) => (flags & PARTIAL) !== 0) &&
    (reachable === 'classic' || !seen[NEXT_HOP])
  );
}
