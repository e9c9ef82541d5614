import type { TransportReason } from '../../src/transport/reasons.ts';
import type { Connection, ConnectionHandler } from '../../src/transport/transport.ts';

/** Keeps what a connection told its owner; `onMessage` lets a test act in the middle. */
export class Recorder implements ConnectionHandler {
  readonly messages: string[] = [];
  readonly log: string[] = [];
  reads = 0;
  drains = 0;
  octets = 0;
  onMessage: () => void = () => {};
  onMalformed: () => void = () => {};
  reason: TransportReason | undefined;

  constructor(connection?: Connection) {
    connection?.start(this);
  }

  get count(): number {
    return this.messages.length;
  }

  message(bytes: Buffer, start: number, end: number): void {
    this.octets += end - start;
    this.messages.push(bytes.toString('hex', start, end));
    this.log.push('message');
    this.onMessage();
  }

  malformed(subcode: number, data: Uint8Array): void {
    this.log.push(`malformed 1/${subcode} ${Buffer.from(data).toString('hex')}`.trim());
    this.onMalformed();
  }

  readEnd(): void {
    this.reads++;
    this.log.push('readEnd');
  }

  drained(): void {
    this.drains++;
    this.log.push('drained');
  }

  closed(reason: TransportReason): void {
    this.reason = reason;
    this.log.push(`closed ${reason}`);
  }
}

export const hexOf = (messages: readonly Uint8Array[]): string[] =>
  messages.map((bytes) => Buffer.from(bytes).toString('hex'));
