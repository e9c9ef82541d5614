/** Why a connection could not be made or is gone: stable name and one line of text. */
export const TRANSPORT_REASONS = {
  refused: 'nobody listens on the port of the peer, or it refuses us',
  'timed-out': 'the peer does not answer',
  unreachable: 'there is no route to the peer',
  'closed-by-peer': 'the peer closed the connection',
  reset: 'the peer reset the connection',
  'local-address': 'the local address is not, or not yet, on this host',
  interface: 'the interface is missing, does not exist, or cannot be bound to',
  permission: 'the system does not permit the connection',
  unsupported: 'the system cannot give the connection its password or TTL security',
  'no-resources': 'the system has no descriptors, ports or memory left',
  ended: 'closed by us',
  'not-drained': 'closed by us; the peer did not take the last message in time',
  'io-error': 'the system reported an error',
} as const;

export type TransportReason = keyof typeof TRANSPORT_REASONS;

const BY_ERRNO: Readonly<Record<string, TransportReason>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  EADDRNOTAVAIL: 'local-address',
  ENODEV: 'interface',
  EINVAL: 'interface',
  ENOPROTOOPT: 'unsupported',
  ENOTSUP: 'unsupported',
  EACCES: 'permission',
  EPERM: 'permission',
  EMFILE: 'no-resources',
  ENFILE: 'no-resources',
  ENOBUFS: 'no-resources',
  ENOMEM: 'no-resources',
  EADDRINUSE: 'no-resources',
};

/** Why a TCP-MD5 key is not in force: stable name and one line of text that says what to do. */
export const KEY_REASONS = {
  'no-native-calls': 'TCP-MD5 passwords need Linux and the native library koffi',
  'no-md5': 'this kernel lacks TCP-MD5 (CONFIG_TCP_MD5SIG)',
  'key-memory': 'the kernel takes no more TCP-MD5 keys: raise the sysctl net.core.optmem_max',
  'key-refused': 'the kernel refuses the TCP-MD5 key',
} as const;

export type KeyReason = keyof typeof KEY_REASONS;

/** The reason behind an error of the system, by its `code`. */
export function reasonOf(code: string): TransportReason {
  return BY_ERRNO[code] ?? 'io-error';
}
