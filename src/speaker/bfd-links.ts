import type { Bfd, BfdStatus, BfdWatch } from '../bfd/bfd.ts';
import { diagnosticText } from '../bfd/diagnostic.ts';
import type { BfdPath } from '../bfd/network.ts';
import { BFD_REASONS, type BfdReason } from '../bfd/reason.ts';
import type { SessionSettings } from '../bfd/session-state.ts';
import type { BfdConfig, PeerConfig } from '../config/types.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Peer } from './peer.ts';

export interface BfdLinksOptions {
  /** Undefined where there is no BFD: peers that ask for it do without. */
  readonly bfd: Bfd | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The way to a peer is cut. */
  readonly failed: (peer: Peer, detail: string) => void;
  /** A peer that waited for BFD need not wait any longer. */
  readonly up: (peer: Peer) => void;
}

/** BFD of one peer. */
export interface PeerBfd extends BfdStatus {
  readonly multihop: boolean;
  /** Times that the way to the peer was found cut. */
  readonly failures: number;
}

interface Link {
  readonly path: BfdPath;
  readonly watch: BfdWatch;
  failures: number;
}

/** Ends of a session that mean a cut; the others were wanted by one side (RFC 5882 §4.2). */
const FAILURES: ReadonlySet<BfdReason> = new Set([
  'detection-time-expired',
  'neighbor-signaled-down',
]);

/** The BFD sessions of peers, and what they mean for BGP. */
export class BfdLinks {
  readonly #options: BfdLinksOptions;
  readonly #links = new Map<Peer, Link>();
  /** When the session of a peer that had restarted came up. */
  readonly #resumedAt = new WeakMap<Peer, number>();

  constructor(options: BfdLinksOptions) {
    this.#options = options;
  }

  /** Gives a peer the BFD session that its configuration asks for, or takes it away. */
  follow(peer: Peer): void {
    const { bfd } = this.#options;
    const { config } = peer;
    const link = this.#links.get(peer);
    const path = config.bfd === undefined ? undefined : pathOf(config, config.bfd);
    if (link !== undefined && (path === undefined || !samePath(link.path, path))) this.drop(peer);
    if (bfd === undefined || config.bfd === undefined || path === undefined) return;
    const settings = settingsOf(config.bfd);
    const kept = this.#links.get(peer);
    if (kept !== undefined) {
      kept.watch.configure(settings);
      return;
    }
    const watch = bfd.watch(path, settings, (now, before) => this.#moved(peer, now, before));
    this.#links.set(peer, { path, watch, failures: 0 });
  }

  /** Ends the BFD session of a peer, which is told that this is no failure. */
  drop(peer: Peer): void {
    this.#links.get(peer)?.watch.close();
    this.#links.delete(peer);
  }

  of(peer: Peer): PeerBfd | undefined {
    const link = this.#links.get(peer);
    if (link === undefined) return undefined;
    const { watch, path, failures } = link;
    return { ...watch.status, multihop: path.multihop, failures };
  }

  /** Why BGP with a peer must wait; undefined when it need not. */
  waits(peer: Peer): string | undefined {
    if (peer.config.bfd?.strict !== true) return undefined;
    const status = this.#links.get(peer)?.watch.status;
    if (status?.state === 'up') return undefined;
    return status?.fault ?? 'BFD is strict and not up';
  }

  /** The BGP session of a peer came up. */
  established(peer: Peer): void {
    const { negotiated, state } = peer;
    const restarted = negotiated?.gracefulRestart?.restarting === true || state.stale.length > 0;
    if (restarted) this.#resumedAt.set(peer, this.#options.clock.now());
    else this.#resumedAt.delete(peer);
  }

  #moved(peer: Peer, now: BfdStatus, before: BfdStatus): void {
    const { logger, failed, up } = this.#options;
    const { fault } = now;
    if (fault !== undefined && fault !== before.fault) {
      logger.warn({ peer: peer.name, fault }, 'BFD cannot run');
    }
    if (now.state === before.state) return;
    const failure = before.state === 'up' && FAILURES.has(now.reason);
    const reason = describe(now);
    const level = failure || now.state === 'up' ? 'info' : 'debug';
    logger[level]({ peer: peer.name, from: before.state, to: now.state, reason }, 'BFD session');
    if (now.state === 'up') up(peer);
    if (!failure) return;
    const link = this.#links.get(peer);
    if (link !== undefined) link.failures++;
    if (this.#precedesRestart(peer, now)) {
      logger.info({ peer: peer.name }, 'BFD of the life before the restart of the peer is over');
    } else failed(peer, reason);
  }

  /**
   * A peer that restarted may be back before its former BFD session is noticed to be gone. That
   * session shared the fate of the former process, and says nothing about this one's (RFC 5882 §4.3.2).
   */
  #precedesRestart(peer: Peer, { quiet }: BfdStatus): boolean {
    const resumedAt = this.#resumedAt.get(peer);
    if (resumedAt === undefined || quiet === undefined) return false;
    return this.#options.clock.now() - quiet <= resumedAt;
  }
}

function describe({ reason, remoteDiagnostic }: BfdStatus): string {
  const [, text] = BFD_REASONS[reason];
  if (reason !== 'neighbor-signaled-down') return text;
  return `${text}: ${diagnosticText(remoteDiagnostic)}`;
}

/** Unless told otherwise, BFD takes as many hops as BGP. */
function pathOf(config: PeerConfig, { multihop }: BfdConfig): BfdPath {
  const hops = config.ttlSecurity ?? config.multihop;
  return {
    remote: config.address,
    interface: config.interface,
    local: config.localAddress,
    multihop: multihop ?? hops > 1,
  };
}

const samePath = (a: BfdPath, b: BfdPath): boolean =>
  a.remote === b.remote &&
  a.interface === b.interface &&
  a.local === b.local &&
  a.multihop === b.multihop;

/** The configuration is in milliseconds, the wire in microseconds. */
const settingsOf = ({ minTx, minRx, multiplier }: BfdConfig): SessionSettings => ({
  desiredMinTx: minTx * 1000,
  requiredMinRx: minRx * 1000,
  detectMultiplier: multiplier,
});
