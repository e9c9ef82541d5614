import { resolveConfig } from '../../config/resolve.ts';
import type { SpeakerConfig } from '../../config/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { ProbeSet } from '../../runtime/probe-set.ts';
import { seededRandom } from '../../runtime/random.ts';
import { Speaker } from '../../speaker/speaker.ts';
import { SocketPairTransport } from '../../transport/socket-pair-transport.ts';
import { ASN, addressOf, greetingOf } from './script.ts';

/** One announces, the others are told. */
const CLIENTS = 4;
/** Of TEST-NET-1, RFC 5737, as its clients: nobody outside hears of them. */
const REFLECTOR = { address: '192.0.2.1', port: 179 } as const;
const CLIENT_PORT = 32_768;

/** A reflector whose clients are socket pairs of this process. */
export class Stage {
  readonly #transport: SocketPairTransport;
  readonly #speaker: Speaker;
  readonly #clients: ReturnType<SocketPairTransport['connect']>[] = [];

  constructor(clock: Clock) {
    this.#transport = new SocketPairTransport(clock);
    this.#speaker = new Speaker({
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      probe: new ProbeSet(),
      transport: this.#transport,
      openKernel: () => {
        throw new Error('a rehearsal has no FIB');
      },
    });
  }

  /** Throws a `LinuxError` where there are no socket pairs, and must be closed all the same. */
  open(): void {
    this.#speaker.apply(configuration());
    for (let number = 0; number < CLIENTS; number++) {
      const remote = { address: addressOf(number), port: CLIENT_PORT };
      const client = this.#transport.connect(remote, REFLECTOR);
      this.#clients.push(client);
      // Whatever becomes of a rehearsal, the daemon goes on.
      client.on('error', () => client.destroy());
      client.resume();
      client.write(greetingOf(number));
    }
  }

  /** The one who announces sends these messages. */
  feed(messages: Buffer): void {
    this.#clients[0]?.write(messages);
  }

  /** Octets that the last of the others was told. */
  get told(): number {
    return this.#clients.at(-1)?.bytesRead ?? 0;
  }

  close(): void {
    this.#speaker.stop();
    for (const client of this.#clients) client.destroy();
  }
}

function configuration(): SpeakerConfig {
  const resolved = resolveConfig({
    asn: ASN,
    routerId: REFLECTOR.address,
    clusterId: REFLECTOR.address,
    listen: [REFLECTOR],
    peers: Array.from({ length: CLIENTS }, (_, number) => ({
      name: `client${number}`,
      address: addressOf(number),
      asn: ASN,
      passive: true,
      holdTime: 0,
      reflectorClient: true,
      families: ['ipv4-unicast'],
    })),
  });
  if ('config' in resolved) return resolved.config;
  throw new Error(JSON.stringify(resolved.errors));
}
