import type { BGPPeerView } from '../datastore/resources/views.ts';
import { annotatedSettings } from './annotated-settings.ts';
import { type PeeringSettings, PLAIN_SETTINGS } from './peering.ts';
import { from, type Origins } from './trace.ts';

/** Of peerings with nodes: localASNumber and numAllowedLocalASNumbers count for the peerIP form only. */
export function settingsOf(peer: BGPPeerView): PeeringSettings {
  const { useNodeIp, restartTime, keepaliveTime, ttlSecurity, nextHopMode } = peer;
  const { keepOriginalNextHop, password, reachableBy, filters } = peer;
  const annotations = annotatedSettings(peer);
  return {
    ...PLAIN_SETTINGS,
    useNodeIp,
    restartTime,
    keepaliveTime,
    ttlSecurity,
    nextHopMode,
    keepOriginalNextHop,
    password,
    reachableBy,
    filters,
    ...annotations.settings,
    origins: { ...originsOf(peer), ...annotations.origins },
  };
}

/** Pods dial themselves; most settings do not apply to them. */
export function workloadSettingsOf(peer: BGPPeerView): PeeringSettings {
  const { localAsn, filters } = peer;
  const localAsnOrigin = from(peer, 'spec.localASNumber', 'BGPPeer setting');
  const origins = localAsn === undefined ? {} : { '/localAsn': localAsnOrigin };
  const annotations = annotatedSettings(peer);
  return {
    ...PLAIN_SETTINGS,
    ...annotations.settings,
    localAsn,
    filters,
    useNodeIp: false,
    origins: { ...origins, ...annotations.origins },
  };
}

const FIELDS: Readonly<Record<string, string>> = {
  '/localAsn': 'localASNumber',
  '/allowOwnAs': 'numAllowedLocalASNumbers',
  '/localAddress': 'sourceAddress',
  '/gracefulRestart': 'maxRestartTime',
  '/keepaliveTime': 'keepaliveTime',
  '/ttlSecurity': 'ttlSecurity',
  '/password': 'password',
};

/** Of the fields that are written in the object. */
function originsOf(peer: BGPPeerView): Origins {
  const { spec } = peer.resource;
  const next = Object.hasOwn(spec, 'nextHopMode') ? 'nextHopMode' : 'keepOriginalNextHop';
  return Object.fromEntries(
    Object.entries({ ...FIELDS, '/nextHop': next }).flatMap(([pointer, field]) =>
      Object.hasOwn(spec, field) ? [[pointer, from(peer, `spec.${field}`, 'BGPPeer setting')]] : [],
    ),
  );
}
