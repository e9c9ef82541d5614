import type { Agent } from '../agent/agent.ts';
import type { CollectorStatus } from '../monitor/bmp/exporter.ts';
import type { Peer } from '../speaker/peer.ts';
import { STATES, stateName } from '../speaker/report-peer.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { agentMetrics } from './agent-metrics.ts';
import { bfdMetrics } from './bfd-metrics.ts';
import { counter, gauge } from './metric.ts';
import type { MetricFamily, MetricSample } from './view.ts';

/** The metrics of one speaker, in Prometheus' base units. */
export function* speakerMetrics(
  version: string,
  speaker: Speaker,
  agent: Agent | undefined,
  collectors: readonly CollectorStatus[],
): Generator<MetricFamily> {
  const { peers } = speaker;
  yield gauge('bengal_build_info', 'Version of bengal.', [{ labels: { version }, value: 1 }]);
  yield* sessionMetrics(peers);
  yield* bfdMetrics(speaker);
  yield* messageMetrics(peers);
  yield routeMetric(peers);
  yield* tableMetrics(speaker);
  yield* stateMetrics(speaker, agent);
  if (collectors.length > 0) yield* collectorMetrics(collectors);
}

function* collectorMetrics(collectors: readonly CollectorStatus[]): Generator<MetricFamily> {
  const by = (pick: (status: CollectorStatus) => number): readonly MetricSample[] =>
    collectors.map((status) => ({
      labels: { collector: status.collector },
      value: pick(status),
    }));
  yield gauge(
    'bengal_bmp_connected',
    '1 while the BMP collector is connected.',
    by(({ connected }) => Number(connected)),
  );
  yield counter(
    'bengal_bmp_messages_total',
    'BMP messages written to the collector.',
    by(({ messages }) => messages),
  );
  yield counter(
    'bengal_bmp_failures_total',
    'Connections to the collector that were lost or could not be made.',
    by(({ failures }) => failures),
  );
}

function* sessionMetrics(peers: readonly Peer[]): Generator<MetricFamily> {
  yield gauge(
    'bengal_peer_up',
    '1 while the session is Established.',
    peers.map((peer) => ({ labels: of(peer), value: Number(stateName(peer) === 'Established') })),
  );
  yield gauge(
    'bengal_peer_state',
    '1 for the state that the session is in.',
    peers.flatMap((peer) =>
      STATES.map((state) => ({
        labels: { ...of(peer), state },
        value: Number(stateName(peer) === state),
      })),
    ),
  );
  yield counter(
    'bengal_peer_flaps_total',
    'Times that the session left Established.',
    peers.map((peer) => ({ labels: of(peer), value: peer.flaps })),
  );
  yield gauge(
    'bengal_peer_output_queue_bytes',
    'Octets queued for the peer and not yet taken by the kernel.',
    peers.map((peer) => ({ labels: of(peer), value: peer.link?.connection.queued ?? 0 })),
  );
}

function* messageMetrics(peers: readonly Peer[]): Generator<MetricFamily> {
  const samples = peers.flatMap((peer) =>
    (['received', 'sent'] as const).flatMap((direction) =>
      Object.entries(peer[direction]).map(
        ([type, value]): MetricSample => ({ labels: { ...of(peer), direction, type }, value }),
      ),
    ),
  );
  yield counter('bengal_peer_messages_total', 'BGP messages by direction and type.', samples);
  yield counter(
    'bengal_malformed_total',
    'Malformed attributes by the remedy of RFC 7606.',
    peers.flatMap((peer) =>
      Object.entries(peer.routes.malformed).map(([remedy, value]) => ({
        labels: { ...of(peer), remedy },
        value,
      })),
    ),
  );
}

function routeMetric(peers: readonly Peer[]): MetricFamily {
  const samples = peers.flatMap((peer) =>
    peer.config.families.flatMap((family) => {
      const { received, accepted, rejected, advertised } = peer.routes.rib.counts(family);
      const stages = { received, accepted, rejected, advertised };
      return Object.entries(stages).map(([stage, value]) => ({
        labels: { ...of(peer), family, stage },
        value,
      }));
    }),
  );
  return gauge('bengal_peer_routes', 'Routes of a peer by stage.', samples);
}

function* tableMetrics({ rib, fib }: Speaker): Generator<MetricFamily> {
  const sizes = rib?.sizes() ?? [];
  const by = (pick: (size: (typeof sizes)[number]) => number): readonly MetricSample[] =>
    sizes.map((size) => ({ labels: { family: size.family }, value: pick(size) }));
  yield gauge(
    'bengal_rib_prefixes',
    'Prefixes in the RIB.',
    by(({ prefixes }) => prefixes),
  );
  yield gauge(
    'bengal_rib_paths',
    'Paths in the RIB.',
    by(({ paths }) => paths),
  );
  if (fib === undefined) return;
  yield gauge(
    'bengal_kernel_routes',
    'Routes for the FIB by fate.',
    Object.entries(fib.counts).map(([state, value]) => ({ labels: { state }, value })),
  );
}

function* stateMetrics(speaker: Speaker, agent: Agent | undefined): Generator<MetricFamily> {
  const { desired, actual } = peerCounts(speaker, agent);
  yield gauge('bengal_config_desired_peers', 'Peers that the configuration ought to have.', [
    { value: desired },
  ]);
  yield gauge('bengal_config_actual_peers', 'Peers of these that are there.', [{ value: actual }]);
  yield counter('bengal_connections_refused_total', 'Connections from unconfigured sources.', [
    { value: speaker.refused },
  ]);
  if (agent !== undefined) yield* agentMetrics(agent);
}

/** The last derivation against what runs; a plain speaker's configuration stands for itself. */
function peerCounts(
  { config, peers }: Speaker,
  agent: Agent | undefined,
): { readonly desired: number; readonly actual: number } {
  const desired = (agent?.status.derived?.config ?? config)?.peers ?? [];
  const running = new Set(peers.map(({ name }) => name));
  return {
    desired: desired.length,
    actual: desired.filter(({ name }) => running.has(name)).length,
  };
}

const of = ({ name }: Peer): { peer: string } => ({ peer: name });
