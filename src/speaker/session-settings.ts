import type { SessionConfig } from '../config/types.ts';
import { parseIpv4Number } from '../net/address.ts';
import { DEFAULT_SETTINGS, type SessionSettings } from '../session/settings.ts';

/** What the FSM needs to know of a configured peer. */
export function sessionSettings(
  config: SessionConfig & { readonly passive: boolean },
  routerId: string,
): SessionSettings {
  return {
    ...DEFAULT_SETTINGS,
    localAsn: config.localAsn,
    routerId: parseIpv4Number(routerId) ?? 0,
    remoteAsn: config.asn,
    dial: !config.passive,
    families: config.families,
    holdTime: config.holdTime,
    keepaliveTime: config.keepaliveTime,
    connectRetryTime: config.connectRetryTime,
    errorWait: config.errorWait,
    addPath: config.addPath,
    gracefulRestart: config.gracefulRestart,
  };
}
