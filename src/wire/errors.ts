import { WIRE_REASON_TEXT, type WireReason } from './reasons.ts';

const NO_DATA: Uint8Array = new Uint8Array(0);

/** An error that ends the session with a NOTIFICATION of this code, subcode and data. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  readonly reason: WireReason;

  constructor(code: number, subcode: number, reason: WireReason, data: Uint8Array = NO_DATA) {
    super(WIRE_REASON_TEXT[reason]);
    this.code = code;
    this.subcode = subcode;
    this.reason = reason;
    // The bytes are lent by the receive buffer; the error outlives it.
    this.data = Uint8Array.from(data);
  }
}

/** A field ends before the value that it should hold. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError';

  constructor(wanted: number, remaining: number) {
    super(`${wanted} octets wanted, ${remaining} left`);
  }
}
