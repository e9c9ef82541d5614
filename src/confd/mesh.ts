import type { BGPConfigurationView, NodeView } from '../datastore/resources/views.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { annotatedSettings } from './annotated-settings.ts';
import { asnOf, type Cluster, listenPortOf } from './cluster.ts';
import { once } from './last.ts';
import type { OwnNode } from './own-node.ts';
import { type Peering, type PeeringSettings, PLAIN_SETTINGS } from './peering.ts';
import type { PeeringSource } from './peering-source.ts';
import { builtIn, from } from './trace.ts';

/** The full mesh between nodes that are no reflectors, unless it is switched off. */
export function meshSources(cluster: Cluster, own: OwnNode): readonly PeeringSource<NodeView>[] {
  if (own.clusterId !== undefined || cluster.global?.meshEnabled === false) return [];
  const { global, nodeConfigurations, nodes } = cluster;
  const settings = once(() => meshSettings(global));
  return [
    {
      order: '3 mesh',
      items: nodes,
      inputs: [own.addresses, global, nodeConfigurations],
      peeringsOf: (node) =>
        FAMILIES.flatMap((family) => meshPeering(cluster, own, node, family, settings())),
    },
  ];
}

function meshPeering(
  cluster: Cluster,
  own: OwnNode,
  node: NodeView,
  family: Family,
  settings: PeeringSettings,
): readonly Peering[] {
  const address = node.addresses[family]?.address;
  const ownAddress = own.addresses[family]?.address;
  if (address === undefined || ownAddress === undefined) return [];
  if (address === ownAddress || node.clusterId !== undefined) return [];
  return [
    {
      type: 'Mesh',
      family,
      address,
      port: listenPortOf(cluster, node.name),
      asn: asnOf(cluster, node),
      // One side dials, or a second connection would make the helper give up graceful restart.
      passive: address > ownAddress,
      remoteClusterId: undefined,
      settings,
      origin: from(node, 'spec.bgp', 'node-to-node mesh'),
    },
  ];
}

function meshSettings(global: BGPConfigurationView | undefined): PeeringSettings {
  if (global === undefined) return PLAIN_SETTINGS;
  const given = (field: string): ReturnType<typeof from> => from(global, field, 'mesh sessions');
  const annotations = annotatedSettings(global);
  return {
    ...PLAIN_SETTINGS,
    ...annotations.settings,
    restartTime: global.meshRestartTime,
    password: global.meshPassword,
    origins: {
      '/gracefulRestart':
        global.meshRestartTime === undefined
          ? builtIn('default restart time')
          : given('spec.nodeMeshMaxRestartTime'),
      '/password': given('spec.nodeMeshPassword'),
      ...annotations.origins,
    },
  };
}
