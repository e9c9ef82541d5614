import { describe, expect, test } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import type { PeerConfig, SpeakerConfig } from '../../src/config/types.ts';
import type { Family } from '../../src/net/family.ts';
import { parseBird } from './bird/configuration.ts';
import { runFilter } from './bird/interpreter.ts';
import { type BirdPeer, meaningOf } from './bird/meaning.ts';
import { calicoCases } from './calico-cases.ts';
import { evaluator } from './evaluate.ts';
import { type Outcome, type Route, routesAround } from './routes.ts';

const PROCESSES = [
  { size: 4, family: 'ipv4-unicast', any: '0.0.0.0' },
  { size: 16, family: 'ipv6-unicast', any: '::' },
] as const;

describe.each(calicoCases())('Calico case $name', ({ resources, node, bird, routerId }) => {
  const derived = derive(resources, node, { routerId });
  const config = derived.config as SpeakerConfig;

  test('has no object that counts as absent', () => {
    const absent = derived.problems.filter(
      ({ severity, code }) => severity === 'error' && code !== 'secret-unknown',
    );
    expect(absent).toEqual([]);
  });

  describe.each(PROCESSES)('$family', ({ size, family, any }) => {
    const parsed = parseBird(bird[size]);
    const meaning = meaningOf(parsed);
    const routes = routesAround(bird[size].join('\n'), size);
    const peers = config.peers.filter((peer) => peer.families.includes(family));

    test('has the same peers with the same parameters', () => {
      const clusterId = config.clusterId;
      expect(peers.map((peer) => birdPeer(peer, clusterId))).toEqual(
        meaning.sessions.map(({ peer }) => peer),
      );
    });

    test('has the same router id, listening socket, interfaces and static routes', () => {
      expect(config.routerId).toBe(meaning.routerId);
      expect(config.kernel?.learn).toEqual({ interfaces: meaning.direct });
      expect(staticRoutes(config, family)).toEqual(meaning.statics);
      if (meaning.sessions.length === 0) return;
      const listen = { address: meaning.listen.address ?? any, port: meaning.listen.port };
      expect(config.listen).toContainEqual(listen);
    });

    test('exports the same routes with the same attributes', () => {
      for (const [index, { exportFilter }] of meaning.sessions.entries()) {
        const peer = peers[index] as PeerConfig;
        const kind = peer.asn === peer.localAsn ? 'ibgp' : 'ebgp';
        const judge = evaluator(peer.exportPolicy, config.policies, peer.exportEnd, kind);
        for (const route of routes) {
          const wanted = runFilter(exportFilter, parsed.functions, route);
          same(route, exported(judge(route)), exported(wanted));
        }
      }
    });

    test('imports the same routes with the same preference', () => {
      for (const [index, { importFilter }] of meaning.sessions.entries()) {
        const peer = peers[index] as PeerConfig;
        const judge = evaluator(peer.importPolicy, config.policies, peer.importEnd, 'ibgp');
        for (const route of routes.filter(({ source }) => source === 'bgp')) {
          const { accepted, preference } = runFilter(importFilter, parsed.functions, route);
          same(route, pick(judge(route), 'accepted', 'preference'), { accepted, preference });
        }
      }
    });

    test('programs the same routes with the same metric', () => {
      const filter = parsed.functions.get('calico_kernel_programming') ?? [];
      const program = config.kernel?.program as { policy: readonly string[] };
      const judge = evaluator(program.policy, config.policies, 'accept', 'ibgp');
      for (const route of routes.filter(({ source }) => source === 'bgp' || source === 'static')) {
        const wanted = runFilter(filter, parsed.functions, route);
        const found = judge(route);
        same(route, programmed(found), programmed(wanted));
        expect(found.tunnel).toBeUndefined();
      }
    });
  });
});

/** `expect` for each of some hundred thousand routes would take minutes. */
function same(route: Route, found: object, wanted: object): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    expect({ route, ...found }).toEqual({ route, ...wanted });
}

const exported = (outcome: Outcome): object =>
  outcome.accepted ? pick(outcome, 'accepted', 'localPref', 'communities') : { accepted: false };

const programmed = (outcome: Outcome): object =>
  outcome.accepted ? pick(outcome, 'accepted', 'metric') : { accepted: false };

const pick = (outcome: Outcome, ...names: readonly (keyof Outcome)[]): object =>
  Object.fromEntries(names.map((name) => [name, outcome[name]]));

const staticRoutes = (config: SpeakerConfig, family: Family): readonly string[] =>
  config.networks
    .filter(({ prefix }) => prefix.includes(':') === (family === 'ipv6-unicast'))
    .map(({ prefix, via }) => (via === undefined ? `${prefix} blackhole` : `${prefix} via ${via}`))
    .sort();

function birdPeer(peer: PeerConfig, clusterId: string | undefined): BirdPeer {
  return {
    name: peer.name,
    address: peer.address,
    port: peer.port,
    asn: peer.asn,
    localAsn: peer.localAsn,
    localAddress: peer.localAddress,
    passive: peer.passive,
    reflectorClient: peer.reflectorClient,
    clusterId: peer.reflectorClient ? clusterId : undefined,
    nextHop: peer.nextHop,
    restartTime: peer.gracefulRestart?.restartTime ?? 0,
    keepaliveTime: peer.keepaliveTime,
    ttlSecurity: peer.ttlSecurity,
    allowOwnAs: peer.allowOwnAs,
    password: peer.password && 'value' in peer.password ? peer.password.value : undefined,
  };
}
