import type { PeerStatus, SpeakerStatus } from '../server/view.ts';
import type { Command } from './command.ts';
import { type ControlClient, findDaemon, SOCKET_OPTION } from './control-client.ts';
import { CommandError, type Io } from './io.ts';
import { usage } from './options.ts';
import { printable } from './printable.ts';
import { statusNotes } from './status-notes.ts';

/** Peers that Calico's readiness asks about; others, as local workloads, are left out. */
const ASKED = /^(?:Global|Node|Mesh)_/;

export const command: Command = {
  syntax: {
    name: 'health',
    summary: "Calico's probes of a node's BGP: exits 0 or 1, and says why.",
    operands: '',
    count: [0, 0],
    options: {
      live: { help: 'it runs and answers' },
      ready: { help: 'young: every peer is Established; older: one of them is' },
      v6: { help: 'the IPv6 sessions instead of the IPv4 ones' },
      'threshold-time': { value: 'TIME', help: 'how long it is young; default 30s' },
      socket: SOCKET_OPTION,
    },
  },
  run: async (line, io) => {
    if (!line.has('live') && !line.has('ready')) throw usage('give --live, --ready, or both');
    const threshold = durationOf(line.get('threshold-time') ?? '30s');
    const family = line.has('v6') ? 'ipv6-unicast' : 'ipv4-unicast';
    try {
      const daemon = await findDaemon(line, io);
      const status = (await daemon.get('/api/v1/status')) as SpeakerStatus;
      const reasons = line.has('ready')
        ? readinessProblems(status, await peersOf(daemon), {
            family,
            threshold,
            now: io.clock.wallTime(),
          })
        : [];
      return await tell(reasons, statusNotes(status), io);
    } catch (error) {
      if (error instanceof CommandError) return tell([error.describe()], [], io);
      throw error;
    }
  },
};

async function tell(reasons: readonly string[], notes: readonly string[], io: Io): Promise<0 | 1> {
  const healthy = reasons.length === 0;
  const verdict = healthy ? ['healthy'] : reasons.map((reason) => `not healthy: ${reason}`);
  const lines = [...verdict, ...notes.map((note) => `note: ${note}`)];
  await io.write(`${lines.map(printable).join('\n')}\n`);
  return healthy ? 0 : 1;
}

async function peersOf(daemon: ControlClient): Promise<readonly PeerStatus[]> {
  return ((await daemon.get('/api/v1/peers')) as { peers: readonly PeerStatus[] }).peers;
}

interface Question {
  readonly family: PeerStatus['families'][number]['family'];
  /** Milliseconds for which a daemon is young. */
  readonly threshold: number;
  readonly now: number;
}

/** Why Calico's readiness probe would say no; nothing when it would say yes. */
function readinessProblems(
  { state, recovery, startedAt }: SpeakerStatus,
  peers: readonly PeerStatus[],
  { family, threshold, now }: Question,
): readonly string[] {
  if (state === 'waiting-for-datastore') return ['no configuration yet: waits for the datastore'];
  if (state === 'starting') return ['the configuration is not in force yet'];
  const asked = peers.filter(
    ({ name, families }) => ASKED.test(name) && families.some((own) => own.family === family),
  );
  const down = asked.filter((peer) => peer.state !== 'Established');
  const young = now - Date.parse(startedAt) < threshold;
  const problems: string[] = [];
  if (young && recovery !== undefined) {
    problems.push(`graceful restart in progress: waits for ${recovery.awaited.join(', ')}`);
  }
  if (down.length > 0 && (young || down.length === asked.length)) {
    const addresses = down.map(({ address }) => address).join(',');
    problems.push(`BGP not established with ${addresses}`);
    problems.push(...down.map((peer) => `${peer.name} is ${peer.state}: ${peer.reason}`));
  }
  return problems;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Milliseconds of a duration as Go writes it: `30s`, `5m`, `1m30s`. */
function durationOf(text: string): number {
  if (!/^(?:\d{1,6}(?:\.\d{1,6})?(?:ms|h|m|s))+$/.test(text)) {
    throw usage(`option --threshold-time: ${text} is not a time, as 30s, 5m or 1m30s`);
  }
  const parts = text.matchAll(/([\d.]+)(ms|h|m|s)/g);
  return [...parts].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0),
    0,
  );
}
