import { setTimeout as delay } from 'node:timers/promises';
import { processClock } from '../../../src/index.ts';
import { withinNamespace } from '../../../src/linux/namespace.ts';
import { parseIpv4Number } from '../../../src/net/address.ts';
import { NodeTransport } from '../../../src/transport/node-transport.ts';
import type { Connection } from '../../../src/transport/transport.ts';
import { messageTypeAt } from '../../../src/wire/header.ts';
import { encodeKeepalive } from '../../../src/wire/keepalive.ts';
import { KEEPALIVE, NOTIFICATION, OPEN } from '../../../src/wire/message.ts';
import { decodeNotification } from '../../../src/wire/notification.ts';
import { encodeOpen } from '../../../src/wire/open.ts';
import type { Case } from './cases.ts';

/** Seconds without an answer after which a session counts as kept. */
const PATIENCE = 4;
/** Seconds in which a connection must have come so far that the bytes may be sent. */
const APPROACH = 25;
const AS_TRANS = 23456;
const HOLD_TIME = 90;

/** Where a probe comes from and where it goes. */
export interface Way {
  /** Path of the network namespace that it dials from. */
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
}

/** Sends the bytes of a case in its phase; resolves to `kept`, `closed` or `CODE/SUBCODE`. */
export async function probe(way: Way, one: Case): Promise<string> {
  const end = Date.now() + APPROACH * 1000;
  for (;;) {
    const attempt = new Attempt(way, one);
    const reaction = await attempt.reaction();
    if (reaction !== undefined) return reaction;
    if (Date.now() > end) return 'never came up';
    await delay(500);
  }
}

class Attempt {
  readonly #way: Way;
  readonly #case: Case;
  #connection: Connection | undefined;
  #sent = false;
  #answer: string | undefined;
  #over = false;

  constructor(way: Way, one: Case) {
    this.#way = way;
    this.#case = one;
  }

  /** Undefined when the connection ended before the bytes could be sent. */
  async reaction(): Promise<string | undefined> {
    this.#dial();
    let quiet = 0;
    for (let tick = 0; !this.#over && quiet < PATIENCE * 10 && tick < APPROACH * 10; tick++) {
      await delay(100);
      quiet = this.#sent ? quiet + 1 : 0;
    }
    this.#connection?.destroy();
    if (!this.#sent) return undefined;
    return this.#answer ?? (this.#over ? 'closed' : 'kept');
  }

  #dial(): void {
    const { namespace, from, to } = this.#way;
    const transport = new NodeTransport({ clock: processClock });
    const remote = { address: to, port: 179 };
    const options = { remote, localAddress: from, interface: undefined, ttl: 1 };
    const failed = (): void => {
      this.#over = true;
    };
    const connected = (connection: Connection): void => this.#take(connection);
    withinNamespace(namespace, () => transport.dial(options, { connected, failed }));
  }

  #take(connection: Connection): void {
    this.#connection = connection;
    connection.start({
      message: (bytes, start, end) => this.#message(bytes.subarray(start, end)),
      malformed: () => {},
      readEnd: () => {},
      drained: () => {},
      closed: () => {
        this.#over = true;
      },
    });
    if (this.#case.phase !== 'OpenSent') connection.write(this.#open());
  }

  #message(bytes: Buffer): void {
    const type = messageTypeAt(bytes, 0);
    const { phase } = this.#case;
    if (type === NOTIFICATION) {
      const { code, subcode } = decodeNotification(bytes, 0, bytes.length);
      this.#answer ??= `${code}/${subcode}`;
    } else if (type === OPEN && phase === 'Established') {
      this.#connection?.write(encodeKeepalive());
    } else if (type === OPEN) {
      this.#strike();
    } else if (type === KEEPALIVE && phase === 'Established') {
      this.#strike();
    }
  }

  #strike(): void {
    if (this.#sent) return;
    this.#sent = true;
    this.#connection?.write(Buffer.from(this.#case.hex.replaceAll(/\s/g, ''), 'hex'));
  }

  #open(): Buffer {
    const { peerAs } = this.#case.context;
    return encodeOpen({
      version: 4,
      asn: peerAs > 0xffff ? AS_TRANS : peerAs,
      holdTime: HOLD_TIME,
      bgpId: parseIpv4Number(this.#way.from) ?? 0,
      capabilities: [
        { type: 'multiprotocol', afi: 1, safi: 1 },
        { type: 'multiprotocol', afi: 2, safi: 1 },
        { type: 'route-refresh' },
        { type: 'as4', asn: peerAs },
      ],
    });
  }
}
