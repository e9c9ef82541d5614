import type { SessionConfig } from '../config/types.ts';
import { DEFAULT_SETTINGS, type SessionSettings } from '../session/settings.ts';

/** What a speaker says of itself to every peer. */
export type Identity = Pick<SessionSettings, 'routerId' | 'hostName' | 'software'>;

/** What the FSM needs to know of a configured peer. */
export function sessionSettings(
  config: SessionConfig & { readonly passive: boolean },
  identity: Identity,
): SessionSettings {
  return {
    ...DEFAULT_SETTINGS,
    ...identity,
    localAsn: config.localAsn,
    remoteAsn: config.asn,
    dial: !config.passive,
    families: config.families,
    holdTime: config.holdTime,
    keepaliveTime: config.keepaliveTime,
    sendHoldTime: config.sendHoldTime,
    connectRetryTime: config.connectRetryTime,
    errorWait: config.errorWait,
    addPath: config.addPath,
    extendedMessages: config.extendedMessages,
    extendedNextHop: config.extendedNextHop,
    role: config.role,
    roleRequired: config.roleRequired,
    gracefulRestart: config.gracefulRestart,
    longLivedGracefulRestart: config.longLivedGracefulRestart,
  };
}
