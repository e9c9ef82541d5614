import { setTimeout as delay } from 'node:timers/promises';
import { processClock } from '../../../src/index.ts';
import { withinNamespace } from '../../../src/linux/namespace.ts';
import { parseIpv4Number } from '../../../src/net/address.ts';
import { NodeTransport } from '../../../src/transport/node-transport.ts';
import type { Connection } from '../../../src/transport/transport.ts';
import { messageTypeAt } from '../../../src/wire/header.ts';
import { encodeKeepalive } from '../../../src/wire/keepalive.ts';
import { KEEPALIVE, NOTIFICATION, OPEN, UPDATE } from '../../../src/wire/message.ts';
import { decodeNotification } from '../../../src/wire/notification.ts';
import { encodeOpen } from '../../../src/wire/open.ts';
import type { Case } from './cases.ts';

/** Seconds in which a connection must have come so far that the bytes may be sent. */
const APPROACH = 25;
/**
 * Seconds after which a connection that does not get on is given up for another one: a full backlog
 * drops the last step of a handshake unseen.
 */
const STALLED = 3;
const AS_TRANS = 23456;
const HOLD_TIME = 90;

/** Where a probe comes from and where it goes. */
export interface Way {
  /** Path of the network namespace that it dials from. */
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
}

/** What is sent when the session has come to the phase of the case, in one piece, and then later. */
export interface Script extends Pick<Case, 'phase' | 'peerAs'> {
  readonly first: Buffer;
  readonly later: Buffer;
}

/** What a speaker sends as soon as it has taken the message of a case, and never before. */
const APPROVAL = { OpenSent: KEEPALIVE, OpenConfirm: UPDATE, Established: undefined } as const;

/** Opens a session as far as the script says and sends its first bytes; resolves when they are out. */
export async function strike(way: Way, script: Script): Promise<Probe> {
  const end = Date.now() + APPROACH * 1000;
  for (;;) {
    const probe = new Probe(way, script);
    if (await probe.struck()) return probe;
    if (Date.now() > end) throw new Error(`${way.from}: no session with ${way.to}`);
    await delay(500);
  }
}

/** One connection. */
export class Probe {
  readonly #way: Way;
  readonly #script: Script;
  #connection: Connection | undefined;
  #sentAt: number | undefined;
  #notification: string | undefined;
  #over = false;
  #approved = false;
  #wentOn = false;

  constructor(way: Way, script: Script) {
    this.#way = way;
    this.#script = script;
  }

  /** How the other side ended the session: `closed` or `CODE/SUBCODE`; undefined while it lives. */
  get ended(): string | undefined {
    return this.#notification ?? (this.#over ? 'closed' : undefined);
  }

  /** In a session that is not established the other side has shown that it goes on with it. */
  get approved(): boolean {
    return this.#approved;
  }

  /** Seconds since the first bytes were sent. */
  get age(): number {
    return this.#sentAt === undefined ? 0 : (Date.now() - this.#sentAt) / 1000;
  }

  /** False when the connection ended, or did not come up, before anything could be sent. */
  async struck(): Promise<boolean> {
    this.#dial();
    for (let tick = 0; !this.#over && tick < STALLED * 10; tick++) {
      if (this.#sentAt !== undefined) return true;
      await delay(100);
    }
    if (this.#sentAt === undefined) this.end();
    return this.#sentAt !== undefined;
  }

  /**
   * Sends what comes later. The other side must have read all before: a connection that is closed
   * with input unread is reset, and a NOTIFICATION lost that waits for an acknowledgement (BIRD
   * leaves Nagle's algorithm on).
   */
  goOn(): void {
    if (this.#wentOn || this.#over) return;
    this.#wentOn = true;
    this.#connection?.write(this.#script.later);
  }

  end(): void {
    this.#connection?.destroy();
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
    if (this.#script.phase !== 'OpenSent') connection.write(this.#open());
  }

  #message(bytes: Buffer): void {
    const type = messageTypeAt(bytes, 0);
    const { phase } = this.#script;
    if (this.#sentAt !== undefined && type === APPROVAL[phase]) this.#approved = true;
    if (type === NOTIFICATION) {
      const { code, subcode } = decodeNotification(bytes, 0, bytes.length);
      this.#notification ??= `${code}/${subcode}`;
    } else if (type === OPEN && phase === 'Established') {
      this.#connection?.write(encodeKeepalive());
    } else if (type === OPEN) {
      this.#send();
    } else if (type === KEEPALIVE && phase === 'Established') {
      this.#send();
    }
  }

  #send(): void {
    if (this.#sentAt !== undefined) return;
    this.#sentAt = Date.now();
    this.#connection?.write(this.#script.first);
  }

  #open(): Buffer {
    const { peerAs } = this.#script;
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
