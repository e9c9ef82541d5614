import type { Rule } from '../../src/config/types.ts';
import { parsePrefix } from '../../src/net/prefix.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  type PolicyContext,
} from '../../src/policy/compile.ts';
import { newEdits } from '../../src/policy/edits.ts';
import type { RouteEdits, RouteView } from '../../src/policy/route-view.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/wire/path-attributes.ts';

export const CONTEXT: PolicyContext = { kind: 'ibgp', ownNextHop: undefined, defaultMetric: 1024 };

export const attributes = (changes: Partial<PathAttributes> = {}): PathAttributes => ({
  ...NO_ATTRIBUTES,
  origin: 'igp',
  asPath: [{ type: 'sequence', asns: [65001, 65002] }],
  nextHop: Uint8Array.of(10, 0, 0, 7),
  localPref: 100,
  ...changes,
});

/** A BGP route unless `changes` say otherwise. */
export function route(text: string, changes: Partial<RouteView> = {}): RouteView {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is not a prefix`);
  const padded = new DataView(new ArrayBuffer(16));
  for (const [index, octet] of prefix.address.entries()) padded.setUint8(index, octet);
  return {
    size: prefix.address.length === 4 ? 4 : 16,
    word0: padded.getUint32(0),
    word1: padded.getUint32(4),
    word2: padded.getUint32(8),
    word3: padded.getUint32(12),
    length: prefix.length,
    source: 'bgp',
    fromPeer: 'peer-1',
    interface: '',
    metric: undefined,
    attributes: attributes(),
    ...changes,
  };
}

export const LOCAL: Partial<RouteView> = { source: 'kernel', fromPeer: '', attributes: undefined };

export const rule = (match: Rule['match'], then: Rule['then'], set: Rule['set'] = {}): Rule =>
  Object.fromEntries([
    ['match', match],
    ['set', set],
    ['then', then],
  ]) as unknown as Rule;

export const policyOf = (
  rules: readonly Rule[],
  context: PolicyContext = CONTEXT,
): CompiledPolicy => compilePolicy(['p'], { p: rules }, 'reject', context);

export interface Judged {
  readonly text: string | undefined;
  readonly edits: RouteEdits;
}

export function judge(policy: CompiledPolicy, view: RouteView): Judged {
  const edits = newEdits();
  return { text: policy.reason(policy.evaluate(view, edits))?.text, edits };
}
