/** Message types, RFC 4271 §4.1 and RFC 2918. */
export const OPEN = 1;
export const UPDATE = 2;
export const NOTIFICATION = 3;
export const KEEPALIVE = 4;
export const ROUTE_REFRESH = 5;

/** Octets before the body of every message. */
export const HEADER_LENGTH = 19;

/** Largest message without RFC 8654, and always for OPEN and KEEPALIVE. */
export const MAX_MESSAGE = 4096;

/** Largest message with RFC 8654. */
export const MAX_EXTENDED_MESSAGE = 65535;

const NAMES = ['', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE_REFRESH'];

/** The RFC's name of a message type. */
export const messageName = (type: number): string => NAMES[type] || `type ${type}`;
