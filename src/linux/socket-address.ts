import { AF_INET, AF_INET6 } from './libc.ts';

/**
 * sockaddr_in and sockaddr_in6 of an address of 4 or 16 octets; family in the machine's byte order
 * (little-endian), port in the network's.
 *
 *   family 2 | port 2 |              address 4  | zero 8
 *   family 2 | port 2 | flow label 4 | address 16 | scope 4
 */
export function socketAddress(address: Uint8Array, port: number): Uint8Array {
  const ipv4 = address.length === 4;
  const bytes = Buffer.alloc(ipv4 ? 16 : 28);
  bytes.writeUInt16LE(ipv4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address, ipv4 ? 4 : 8);
  return bytes;
}
