import { libc } from './libc.ts';
import { socketAddress } from './socket-address.ts';
import type { IpVersion } from './tcp-socket.ts';

const IPPROTO_TCP = 6;
const TCP_MD5SIG = 14;
const TCP_MD5SIG_EXT = 32;
const TCP_MD5SIG_FLAG_PREFIX = 1;

const SIZE = 216;
const FLAGS_AT = 128;
const KEY_LENGTH_AT = 130;
const KEY_AT = 136;

/** The longest key in octets (TCP_MD5SIG_MAXKEYLEN). */
const MAX_MD5_KEY = 80;

/** Whose segments must be signed: one address of 4 or 16 octets, or all in a prefix. */
export interface Md5Peer {
  readonly address: Uint8Array;
  /** Bits of the prefix, counted in the address as given. */
  readonly length: number;
}

/**
 * Sets the TCP-MD5 key (RFC 2385) of a peer on a socket, in place of the one it had; on a listening
 * socket for the connections that it accepts. `version` is the socket's: one of IPv6 that takes IPv4
 * as well knows IPv4 peers by their mapped addresses. Throws a `LinuxError`: ENOPROTOOPT without
 * CONFIG_TCP_MD5SIG, ENOMEM at the limit of net.core.optmem_max.
 */
export function setMd5Key(fd: number, version: IpVersion, peer: Md5Peer, key: Uint8Array): void {
  const whole = peer.length === peer.address.length * 8;
  const option = whole ? TCP_MD5SIG : TCP_MD5SIG_EXT;
  libc().setOption(fd, IPPROTO_TCP, option, md5Option(version, peer, key));
}

/** Removes the key of a peer that has one. */
export function removeMd5Key(fd: number, version: IpVersion, peer: Md5Peer): void {
  setMd5Key(fd, version, peer, new Uint8Array(0));
}

/**
 * struct tcp_md5sig, little-endian. The prefix length of a mapped address counts its IPv4 bits.
 *
 *   sockaddr 128 | flags 1 | prefix length 1 | key length 2 | interface index 4 | key 80
 */
export function md5Option(
  version: IpVersion,
  { address, length }: Md5Peer,
  key: Uint8Array,
): Uint8Array {
  const bytes = Buffer.alloc(SIZE);
  const mapped = version === 6 && address.length === 4;
  bytes.set(socketAddress(mapped ? mapIpv4(address) : address, 0));
  if (length < address.length * 8) {
    bytes.writeUInt8(TCP_MD5SIG_FLAG_PREFIX, FLAGS_AT);
    bytes.writeUInt8(length, FLAGS_AT + 1);
  }
  bytes.writeUInt16LE(key.length, KEY_LENGTH_AT);
  bytes.set(key.subarray(0, MAX_MD5_KEY), KEY_AT);
  return bytes;
}

function mapIpv4(address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  bytes.set(address, 12);
  return bytes;
}
