import type { Agent } from '../agent/agent.ts';
import { iso } from '../speaker/iso.ts';
import type { Speaker } from '../speaker/speaker.ts';
import type { Readiness, ReadinessCheck } from './view.ts';

/**
 * Ready means: configuration applied, first synchronisation over. A peer that dies later never makes
 * the daemon unready, since restarting it would not bring the peer back.
 */
export function readinessOf(speaker: Speaker, agent: Agent | undefined): Readiness {
  const checks = [
    ...(agent === undefined ? [] : [datastore(agent), deletions(agent)]),
    configuration(speaker),
    listening(speaker),
    ...(speaker.fib === undefined ? [] : [kernel(speaker)]),
    recovery(speaker),
  ];
  return { ready: checks.every(({ ok }) => ok), checks };
}

/** A datastore that was in sync once and is lost now leaves the last good state in force. */
function datastore({ status }: Agent): ReadinessCheck {
  const { inSync, connected, detail, lastSync, stale } = status;
  const ok = inSync || status.configuredAt !== undefined;
  const silent = connected ? '' : ', but it does not answer now';
  const since = lastSync === undefined ? '' : ` (in force is its state of ${iso(lastSync)})`;
  const whole = stale === undefined ? `in sync, ${detail}${silent}` : `stale: ${stale}${since}`;
  return { name: 'datastore', ok, message: ok ? whole : `not in sync: ${detail}` };
}

/** Who holds back deletions serves on. */
function deletions({ status }: Agent): ReadinessCheck {
  const { held } = status;
  const message =
    held === undefined
      ? 'nothing is held back'
      : `${held.reason}: ${held.objects.length} objects stay in force until they return, or bengal accept-deletion`;
  return { name: 'mass-deletion', ok: true, message };
}

function configuration({ config, peers }: Speaker): ReadinessCheck {
  const ok = config !== undefined;
  const message = ok ? `applied, ${peers.length} peers` : 'none yet';
  return { name: 'configuration', ok, message };
}

function listening({ listening: places, config, errors }: Speaker): ReadinessCheck {
  const ok = config !== undefined && places.length === config.listen.length;
  const where = places.map(({ address, port }) => `${address} port ${port}`).join(', ');
  const problem = errors[0]?.describe() ?? 'not yet listening';
  return { name: 'listening', ok, message: ok ? where || 'nowhere, as configured' : problem };
}

function kernel({ fib }: Speaker): ReadinessCheck {
  const ok = fib?.synchronised === true && fib.error === undefined;
  return { name: 'kernel', ok, message: ok ? 'FIB read' : (fib?.error?.describe() ?? 'reading') };
}

function recovery({ recovering }: Speaker): ReadinessCheck {
  const waiting = `waits for End-of-RIB of ${recovering?.join(', ')}`;
  return {
    name: 'graceful-restart',
    ok: recovering === undefined,
    message: recovering === undefined ? 'over' : waiting,
  };
}
