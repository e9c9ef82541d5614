import { resolveConfig } from '../src/config/resolve.ts';
import type { Rib } from '../src/rib/rib.ts';
import type { Clock } from '../src/runtime/clock.ts';
import { silentLogger } from '../src/runtime/logger.ts';
import { silentProbe } from '../src/runtime/probe.ts';
import { processClock } from '../src/runtime/process-clock.ts';
import { seededRandom } from '../src/runtime/random.ts';
import { stateName } from '../src/speaker/report-peer.ts';
import { Speaker } from '../src/speaker/speaker.ts';
import { MemoryNetwork } from '../src/transport/memory-network.ts';
import { ASN, LightClient } from '../test/simulation/light-client.ts';
import { clientAddress, clientId } from '../test/simulation/star.ts';

const SESSIONS = 100;
/** Seconds, and less by a jitter of up to a quarter. */
const KEEPALIVE_TIME = 1;
/** Milliseconds after which a keepalive is late. */
const LATE = 100;
const REFLECTOR = '10.0.0.1';

/**
 * A reflector in real time whose sessions are sent nothing but keepalives, and how late those leave:
 * the time between that for which the speaker set its timer and that at which it sent the message.
 */
export class Keepalives {
  readonly rib: Rib;
  sent = 0;
  late = 0;
  /** Milliseconds. */
  latest = 0;
  readonly #speaker: Speaker;
  readonly #clients: readonly LightClient[];

  constructor() {
    const network = new MemoryNetwork({ clock: processClock });
    this.#speaker = new Speaker({
      clock: this.#watched(processClock),
      random: seededRandom(1),
      logger: silentLogger,
      probe: silentProbe,
      transport: network.host([REFLECTOR], { total: SESSIONS, perAddress: 8 }),
      openKernel: () => {
        throw new Error('a reflector has no FIB');
      },
    });
    this.#speaker.apply(configOf());
    const { rib } = this.#speaker;
    if (rib === undefined) throw new Error('the speaker has no RIB');
    this.rib = rib;
    this.#clients = Array.from({ length: SESSIONS }, (_, number) => {
      const shared = { address: clientAddress(number), reflector: REFLECTOR, routes: [] };
      return new LightClient(network, { ...shared, routerId: clientId(number) });
    });
  }

  /** Every session is up. */
  async established(): Promise<void> {
    for (const client of this.#clients) client.start();
    while (this.#speaker.peers.some((peer) => stateName(peer) !== 'Established')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  reset(): void {
    this.sent = 0;
    this.late = 0;
    this.latest = 0;
  }

  /** Fails when a session was lost on the way. */
  close(): void {
    if (this.#clients.some(({ connected }) => !connected)) throw new Error('a session was lost');
    this.#speaker.stop();
    for (const client of this.#clients) client.stop();
  }

  #watched(clock: Clock): Clock {
    return {
      ...clock,
      setTimer: (name, delay, fire) => {
        if (!name.endsWith('keepalive')) return clock.setTimer(name, delay, fire);
        const due = clock.now() + delay;
        return clock.setTimer(name, delay, () => {
          fire();
          this.#count(clock.now() - due);
        });
      },
    };
  }

  #count(lateness: number): void {
    this.sent++;
    if (lateness > LATE) this.late++;
    this.latest = Math.max(this.latest, lateness);
  }
}

function configOf(): Parameters<Speaker['apply']>[0] {
  const resolved = resolveConfig({
    asn: ASN,
    routerId: REFLECTOR,
    clusterId: '10.255.0.1',
    listen: [{ address: REFLECTOR, port: 179 }],
    peers: Array.from({ length: SESSIONS }, (_, number) => ({
      name: `session${number}`,
      address: clientAddress(number),
      asn: ASN,
      passive: true,
      reflectorClient: true,
      families: ['ipv4-unicast'],
      keepaliveTime: KEEPALIVE_TIME,
      exportPolicy: 'reject',
    })),
  });
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  return resolved.config;
}
