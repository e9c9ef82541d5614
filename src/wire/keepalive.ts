import { endMessage, startMessage } from './header.ts';
import { HEADER_LENGTH, KEEPALIVE } from './message.ts';

const MESSAGE = Buffer.alloc(HEADER_LENGTH);
endMessage(MESSAGE, 0, startMessage(MESSAGE, 0, KEEPALIVE));

/** KEEPALIVE, RFC 4271 §4.4: a header alone. The same buffer every time; nobody changes it. */
export const encodeKeepalive = (): Buffer => MESSAGE;
