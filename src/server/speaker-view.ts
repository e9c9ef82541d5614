import type { Agent, AgentStatus } from '../agent/agent.ts';
import { printConfig } from '../config/print.ts';
import type { BmpExporter } from '../monitor/bmp/exporter.ts';
import { dumpTable } from '../monitor/mrt/dump.ts';
import { messageRecorder } from '../monitor/mrt/recorder.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ProbeSet } from '../runtime/probe-set.ts';
import { iso } from '../speaker/iso.ts';
import type { Peer } from '../speaker/peer.ts';
import type { PeerStatus, PeerType } from '../speaker/peer-status.ts';
import { reportPeer, stateName } from '../speaker/report-peer.ts';
import { reportRoute } from '../speaker/report-route.ts';
import type { RouteRow } from '../speaker/route-row.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { readinessOf } from './readiness.ts';
import { speakerMetrics } from './speaker-metrics.ts';
import type { MetricFamily, Readiness, RouteQuery, SpeakerStatus, SpeakerView } from './view.ts';

export interface SpeakerViewOptions {
  readonly command: SpeakerStatus['command'];
  readonly name: string;
  readonly version: string;
  readonly speaker: Speaker;
  /** Absent for a plain speaker. */
  readonly agent?: Agent;
  readonly clock: Clock;
  /** The speaker's own, for who wants to see its messages. */
  readonly probes: ProbeSet;
  readonly bmp: Pick<BmpExporter, 'status'>;
}

/** The view of a daemon that runs in this process. */
export function speakerView(options: SpeakerViewOptions): SpeakerView {
  const { speaker, agent, clock, probes } = options;
  const startedAt = iso(clock.wallTime());
  return {
    status: () => statusOf(options, startedAt),
    peers: () => peersOf(options),
    routes: (query) => routesOf(speaker, query),
    tableDump: () => dumpTable(speaker, clock),
    recordMessages: (write) =>
      probes.add(messageRecorder({ clock, write, peer: (name) => speaker.peer(name) })),
    config: () => (speaker.config === undefined ? {} : printConfig(speaker.config)),
    readiness: (): Readiness => readinessOf(speaker, agent),
    metrics: (): Iterable<MetricFamily> =>
      speakerMetrics(options.version, speaker, agent, options.bmp.status),
  };
}

function statusOf(options: SpeakerViewOptions, startedAt: string): SpeakerStatus {
  const { command, name, version, speaker, agent } = options;
  const collectors = options.bmp.status;
  const { config, peers, fib } = speaker;
  const established = peers.filter((peer) => stateName(peer) === 'Established').length;
  return {
    command,
    name,
    version,
    asn: config?.asn ?? 0,
    routerId: config?.routerId ?? '',
    ...(config?.clusterId !== undefined && { clusterId: config.clusterId }),
    startedAt,
    state: stateOf(speaker),
    ...recoveryOf(speaker),
    listening: speaker.listening,
    ...datastoreOf(agent),
    peers: { configured: peers.length, established },
    tables: speaker.rib?.sizes() ?? [],
    ...(fib !== undefined && { kernel: fib.counts }),
    ...(collectors.length > 0 && { collectors }),
    warnings: warningsOf(options),
  };
}

function stateOf(speaker: Speaker): SpeakerStatus['state'] {
  if (speaker.drainStage === 'drained') return 'drained';
  if (speaker.drainStage !== 'off') return 'draining';
  if (speaker.config === undefined) return 'waiting-for-datastore';
  if (!speaker.ready) return 'starting';
  return speaker.recovering === undefined ? 'running' : 'restarting';
}

function recoveryOf({ recovering, recoveryLeft }: Speaker): Pick<SpeakerStatus, 'recovery'> {
  if (recovering === undefined || recoveryLeft === undefined) return {};
  return { recovery: { awaited: recovering, secondsLeft: Math.round(recoveryLeft) } };
}

/** Objects that are named; the others are counted only. */
const NAMED = 20;

function datastoreOf(
  agent: Agent | undefined,
): Pick<SpeakerStatus, 'datastore' | 'configuredAt' | 'heldDeletions'> {
  if (agent === undefined) return {};
  const { inSync, connected, since, detail, lastSync, stale, held, configuredAt } = agent.status;
  return {
    ...(configuredAt !== undefined && { configuredAt: iso(configuredAt) }),
    datastore: {
      inSync,
      connected,
      since: iso(since),
      detail,
      ...(lastSync !== undefined && { lastSync: iso(lastSync) }),
      ...(stale !== undefined && { stale }),
    },
    ...(held !== undefined && {
      heldDeletions: {
        since: iso(held.since),
        reason: held.reason,
        count: held.objects.length,
        objects: held.objects.slice(0, NAMED),
      },
    }),
  };
}

function warningsOf({ speaker, agent }: SpeakerViewOptions): readonly string[] {
  const held = speaker.peers.flatMap(({ name }) => {
    const reason = speaker.heldReason(name);
    return reason === undefined ? [] : [`peer ${name} is kept down: ${reason}`];
  });
  return [
    ...speaker.errors.map((error) => error.describe()),
    ...held,
    ...(agent === undefined ? [] : agentWarnings(agent.status)),
  ];
}

function agentWarnings({ unsaved, unreadable, problems }: AgentStatus): readonly string[] {
  const errors = unsaved === undefined ? unreadable : [unsaved, ...unreadable];
  return [
    ...errors.map((error) => error.describe()),
    ...problems.map(({ where, message, cure }) => `${where}: ${message} (${cure})`),
  ];
}

function peersOf({ command, speaker }: SpeakerViewOptions): readonly PeerStatus[] {
  const configured = new Set(speaker.config?.peers.map(({ name }) => name));
  return speaker.peers.map((peer) =>
    reportPeer(peer, typeOf(peer, command, configured), {
      heldReason: speaker.heldReason(peer.name),
      bfd: speaker.bfdOf(peer),
    }),
  );
}

/** Derived peers carry their origin in their names, as Calico's tools expect. */
const DERIVED: readonly (readonly [prefix: string, type: PeerType])[] = [
  ['Mesh_', 'mesh'],
  ['Node_', 'node'],
  ['Global_', 'global'],
  ['Client_', 'client'],
];

function typeOf(
  { name }: Peer,
  command: SpeakerStatus['command'],
  configured: ReadonlySet<string>,
): PeerType {
  if (!configured.has(name)) return 'dynamic';
  if (command === 'speaker') return 'configured';
  return DERIVED.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'configured';
}

function* routesOf(speaker: Speaker, query: RouteQuery): Generator<RouteRow> {
  for (const path of speaker.rib?.routes({ ...query, family: query.family }) ?? []) {
    yield reportRoute(path);
  }
}
