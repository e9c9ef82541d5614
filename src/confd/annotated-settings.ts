import type { BGPConfigurationView, BGPPeerView } from '../datastore/resources/views.ts';
import type { PeeringSettings } from './peering.ts';
import { from, type Origins } from './trace.ts';

type Annotated = Pick<PeeringSettings, 'bfd' | 'holdTime' | 'keepaliveTime' | 'connectRetryTime'>;

const ANNOTATIONS: Readonly<Record<keyof Annotated, string>> = {
  bfd: 'bfd',
  holdTime: 'hold-time',
  keepaliveTime: 'keepalive-time',
  connectRetryTime: 'connect-retry-time',
};

/** What the annotations of an object say about its sessions, and nothing else. */
export function annotatedSettings(view: BGPPeerView | BGPConfigurationView): {
  readonly settings: Partial<Annotated>;
  readonly origins: Origins;
} {
  const said = Object.entries(view.annotated ?? {}).filter(([, value]) => value !== undefined);
  return {
    settings: Object.fromEntries(said),
    origins: Object.fromEntries(
      said.map(([field]) => [
        `/${field}`,
        from(
          view,
          `metadata.annotations.bengal.dev/${ANNOTATIONS[field as keyof Annotated]}`,
          'annotation',
        ),
      ]),
    ),
  };
}
