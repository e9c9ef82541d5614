import type { SpeakerConfig, Verdict } from '../../src/config/types.ts';
import { parseAddress } from '../../src/net/address.ts';
import { compilePolicy, isAccepted } from '../../src/policy/compile.ts';
import { newEdits, resetEdits } from '../../src/policy/edits.ts';
import type { RouteView } from '../../src/policy/route-view.ts';
import { attributes, route } from '../policy/routes.ts';
import type { Outcome, Route } from './routes.ts';

export interface Evaluated extends Outcome {
  readonly tunnel: string | undefined;
}

/** Judges routes by derived policies, as the speaker does. */
export function evaluator(
  names: readonly string[],
  policies: SpeakerConfig['policies'],
  end: Verdict,
  kind: 'ibgp' | 'ebgp',
): (route: Route) => Evaluated {
  const context = { kind, ownNextHop: undefined, defaultMetric: 0 };
  const policy = compilePolicy(names, policies, end, context);
  const edits = newEdits();
  return (judged) => {
    resetEdits(edits);
    const view = viewOf(judged);
    const accepted = isAccepted(policy.evaluate(view, edits));
    return {
      accepted,
      metric: edits.metric ?? view.metric,
      // A route without LOCAL_PREF counts as 100.
      localPref: edits.localPref ?? (view.attributes && (view.attributes.localPref ?? 100)),
      preference: edits.preference,
      communities: [
        ...edits.addCommunities.map((value) => `${value >>> 16}:${value & 0xffff}`),
        ...edits.addLargeCommunities,
      ].sort(),
      tunnel: edits.tunnel,
    };
  };
}

const viewOf = ({
  prefix,
  source,
  interface: name,
  metric,
  localPref,
  nextHop,
}: Route): RouteView =>
  route(prefix, {
    source,
    fromPeer: source === 'bgp' ? 'Mesh_10_0_0_2' : '',
    interface: name,
    metric: source === 'kernel' ? metric : undefined,
    attributes:
      source === 'bgp' ? attributes({ localPref, nextHop: parseAddress(nextHop) }) : undefined,
  });
