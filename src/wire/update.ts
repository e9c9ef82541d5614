import { afiOf, type Family } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
import { encodeAttributes } from './encode-attributes.ts';
import { endMessage, startMessage } from './header.ts';
import { HEADER_LENGTH, UPDATE } from './message.ts';
import { MAX_NLRI_LENGTH, writePathId, writePrefix } from './nlri.ts';
import type { CodecContext, PathAttributes } from './path-attributes.ts';
import {
  endAttributes,
  endMpAttribute,
  MP_REACH_OVERHEAD,
  startAttributes,
  startMpReach,
  startMpUnreach,
  startUpdate,
  UPDATE_OVERHEAD,
  writeBytes,
} from './update-writer.ts';

/** One prefix of an UPDATE; `pathId` counts only where the session has add-path. */
export interface Nlri {
  readonly prefix: Prefix;
  readonly pathId?: number;
}

/** Routes of one family to announce with one set of attributes, or to withdraw. */
export type UpdateContent =
  | {
      readonly type: 'announce';
      readonly family: Family;
      readonly routes: readonly Nlri[];
      readonly attributes: PathAttributes;
    }
  | { readonly type: 'withdraw'; readonly family: Family; readonly routes: readonly Nlri[] };

/** Octets that hold any next hop. */
const MAX_NEXT_HOP = 32;

/** One UPDATE as one buffer; the caller sees to it that it fits the session's message size. */
export function encodeUpdate(content: UpdateContent, context: CodecContext): Buffer {
  const { family, routes } = content;
  const block =
    content.type === 'announce' ? encodeAttributes(content.attributes, context) : Buffer.alloc(0);
  const size = UPDATE_OVERHEAD + MP_REACH_OVERHEAD + MAX_NEXT_HOP + block.length;
  const out = Buffer.alloc(size + routes.length * MAX_NLRI_LENGTH);
  const writeRoutes = (from: number): number => writeNlri(out, from, family, routes, context);
  const nextHop = content.type === 'announce' ? mpNextHop(content.attributes) : undefined;
  const classic = family === 'ipv4-unicast' && nextHop === undefined;
  let at = startUpdate(out, 0);
  if (content.type === 'withdraw' && classic) at = writeRoutes(at);
  const attributes = startAttributes(out, 0, at);
  at = attributes;
  if (!classic) {
    at =
      nextHop === undefined
        ? startMpUnreach(out, at, afiOf(family))
        : startMpReach(out, at, afiOf(family), nextHop);
    at = writeRoutes(at);
    endMpAttribute(out, attributes, at);
  }
  at = writeBytes(out, at, block);
  endAttributes(out, attributes, at);
  if (content.type === 'announce' && classic) at = writeRoutes(at);
  return out.subarray(0, endMessage(out, 0, at));
}

/** End-of-RIB of a family, RFC 4724 §2. */
export function endOfRib(family: Family): Buffer {
  const body = family === 'ipv4-unicast' ? '00000000' : '00000006800f03000201';
  const octets = body.length / 2;
  const out = Buffer.alloc(HEADER_LENGTH + octets);
  out.write(body, startMessage(out, 0, UPDATE), 'hex');
  endMessage(out, 0, out.length);
  return out;
}

function writeNlri(
  out: Buffer,
  start: number,
  family: Family,
  routes: readonly Nlri[],
  { addPath }: CodecContext,
): number {
  let at = start;
  for (const { prefix, pathId = 0 } of routes) {
    if (addPath.includes(family)) at = writePathId(out, at, pathId);
    at = writePrefix(out, at, prefix);
  }
  return at;
}

/** The next hop field of MP_REACH_NLRI; undefined where NEXT_HOP says it. */
function mpNextHop({ nextHop, linkLocalNextHop }: PathAttributes): Uint8Array | undefined {
  if (nextHop === undefined || nextHop.length === 4) return undefined;
  return linkLocalNextHop === undefined ? nextHop : Buffer.concat([nextHop, linkLocalNextHop]);
}
