import type { BGPConfigurationView, BGPPeerView } from '../datastore/resources/views.ts';
import type { PeeringSettings } from './peering.ts';
import { from, type Origins } from './trace.ts';

type Annotated = Pick<
  PeeringSettings,
  'filters' | 'bfd' | 'holdTime' | 'keepaliveTime' | 'connectRetryTime'
>;

/** The name of each annotation, and the fields of the configuration that it decides. */
const ANNOTATIONS: Readonly<
  Record<keyof Annotated, readonly [name: string, ...decides: string[]]>
> = {
  filters: ['filters', 'importPolicy', 'exportPolicy'],
  bfd: ['bfd', 'bfd'],
  holdTime: ['hold-time', 'holdTime'],
  keepaliveTime: ['keepalive-time', 'keepaliveTime'],
  connectRetryTime: ['connect-retry-time', 'connectRetryTime'],
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
      said.flatMap(([field]) => {
        const [name, ...decides] = ANNOTATIONS[field as keyof Annotated];
        const origin = from(view, `metadata.annotations.bengal.dev/${name}`, 'annotation');
        return decides.map((decided) => [`/${decided}`, origin]);
      }),
    ),
  };
}
