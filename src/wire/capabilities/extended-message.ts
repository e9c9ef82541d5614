import { type CapabilityRow, emptyCapability } from './capability-row.ts';

export interface ExtendedMessage {
  readonly type: 'extended-message';
}

/** Extended Message, RFC 8654 §3. */
export const extendedMessage: CapabilityRow<ExtendedMessage> = emptyCapability(
  6,
  'extended-message',
);
