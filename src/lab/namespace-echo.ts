import { openUdpPort, type UdpPort } from '../linux/udp-port.ts';
import { parseAddress } from '../net/address.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { ECHO_INTERVAL, type EchoReport, type Flow, FlowCounter } from './echo.ts';
import type { Namespace } from './namespaces.ts';

/** UDP port of the echoes. */
const ECHO_PORT = 7007;
const REQUEST = 1;
const ANSWER = 2;

interface Running {
  readonly flow: Flow;
  readonly counter: FlowCounter;
}

/**
 * UDP echoes between pods, by sockets of this process in the pods' namespaces.
 *
 *   kind 1 (1 request, 2 answer) | flow 4 | number 4
 */
export class NamespaceEcho {
  readonly #clock: Clock;
  readonly #ports = new Map<string, UdpPort>();
  readonly #flows: Running[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens the port of a pod, which answers requests from now on. */
  open(namespace: Namespace, pod: string): void {
    const address = parseAddress(pod);
    if (address === undefined) return;
    const port: UdpPort = openUdpPort({
      namespace: `/run/netns/${namespace.name}`,
      address,
      port: ECHO_PORT,
      received: (bytes, from) => this.#received(bytes, port, from),
    });
    this.#ports.set(pod, port);
  }

  start(flows: readonly Flow[]): void {
    this.#flows.push(...flows.map((flow) => ({ flow, counter: new FlowCounter() })));
    this.#send();
  }

  reports(): readonly EchoReport[] {
    return this.#flows.map(({ flow, counter }) => ({ ...flow, ...counter.counts }));
  }

  stop(): void {
    this.#timer?.cancel();
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  #send(): void {
    const now = this.#clock.now();
    for (const [index, { flow, counter }] of this.#flows.entries()) {
      const request = Buffer.alloc(9);
      request.writeUInt8(REQUEST, 0);
      request.writeUInt32BE(index, 1);
      request.writeUInt32BE(counter.sent(now), 5);
      this.#ports.get(flow.from)?.send(request, flow.to, ECHO_PORT);
    }
    // After a look at the sockets: an answer that has come while this process was busy counts.
    this.#clock.soon(() => {
      for (const { counter } of this.#flows) counter.expire(now);
    });
    this.#timer = this.#clock.setTimer('echo', ECHO_INTERVAL, () => this.#send());
  }

  #received(bytes: Buffer, port: UdpPort, from: string): void {
    if (bytes.length !== 9) return;
    if (bytes.readUInt8(0) === ANSWER) {
      this.#flows[bytes.readUInt32BE(1)]?.counter.answered(bytes.readUInt32BE(5));
      return;
    }
    const answer = Buffer.from(bytes);
    answer.writeUInt8(ANSWER, 0);
    port.send(answer, from, ECHO_PORT);
  }
}
