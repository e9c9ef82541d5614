import type { View } from '../datastore/resources/views.ts';
import type { Peering } from './peering.ts';
import { byKey, byText } from './trace.ts';

/** Objects that each may make peerings of the own node, for one and the same reason. */
export interface PeeringSource<Item extends View = View> {
  /** Its identity, and its place: of two peerings to one endpoint that of the lesser text is used. */
  readonly order: string;
  /** In the order of their keys. */
  readonly items: readonly Item[];
  /** What `peeringsOf` looks at beside the item. */
  readonly inputs: readonly unknown[];
  peeringsOf(item: Item): readonly Peering[];
}

/** A peering and where it comes from. */
export interface Claim {
  readonly peering: Peering;
  readonly source: string;
  readonly item: View;
}

/** Within a source the first object goes before. */
export const byPlace = (a: Claim, b: Claim): number =>
  byText(a.source, b.source) || byKey(a.item, b.item);
