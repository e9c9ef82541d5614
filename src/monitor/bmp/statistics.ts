import { afiOf, FAMILIES, type Family } from '../../net/family.ts';
import type { Rib } from '../../rib/rib.ts';
import type { Peer } from '../../speaker/peer.ts';
import type { Statistic } from './message.ts';

/** Types of a Stats Report, RFC 7854 §4.8 and RFC 8671 §6.1. */
const ADJ_RIB_IN = 7;
const LOC_RIB = 8;
const FAMILY_ADJ_RIB_IN = 9;
const FAMILY_LOC_RIB = 10;
const TREATED_AS_WITHDRAWN = 11;
const PRE_POLICY_OUT = 14;
const POST_POLICY_OUT = 15;
const FAMILY_PRE_POLICY_OUT = 16;
const FAMILY_POST_POLICY_OUT = 17;

/** The statistics of one peer; `offered`: routes before export policy, where they are counted. */
export function peerStatistics(
  { routes, config }: Peer,
  offered: ((family: Family) => number) | undefined,
): readonly Statistic[] {
  const families = config.families.map((family) => ({
    family,
    afi: afiOf(family),
    ...routes.rib.counts(family),
  }));
  const received = families.map(({ afi, received: value }) => ({ afi, value }));
  const sent = families.map(({ afi, advertised: value }) => ({ afi, value }));
  const before = families.map(({ afi, family }) => ({ afi, value: offered?.(family) ?? 0 }));
  return [
    ...gauges(ADJ_RIB_IN, FAMILY_ADJ_RIB_IN, received),
    { type: TREATED_AS_WITHDRAWN, value: routes.malformed.withdraw, wide: false },
    ...(offered === undefined ? [] : gauges(PRE_POLICY_OUT, FAMILY_PRE_POLICY_OUT, before)),
    ...gauges(POST_POLICY_OUT, FAMILY_POST_POLICY_OUT, sent),
  ];
}

/** The statistics of Loc-RIB: prefixes of each family. */
export function tableStatistics(rib: Rib): readonly Statistic[] {
  const sizes = rib.sizes();
  const values = FAMILIES.map((family) => ({
    afi: afiOf(family),
    value: sizes.find((size) => size.family === family)?.prefixes ?? 0,
  }));
  return gauges(LOC_RIB, FAMILY_LOC_RIB, values);
}

function gauges(
  total: number,
  each: number,
  values: readonly { readonly afi: number; readonly value: number }[],
): readonly Statistic[] {
  const sum = values.reduce((all, { value }) => all + value, 0);
  const families = values.map((one) => ({ type: each, wide: true, ...one }));
  return [{ type: total, value: sum, wide: true }, ...families];
}
