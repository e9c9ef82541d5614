import { libc, SOL_SOCKET } from './libc.ts';
import type { IpVersion } from './tcp-socket.ts';

const SO_ATTACH_FILTER = 26;

/** Offset of the IP header for classic BPF (SKF_NET_OFF), and of the octet within it. */
const NETWORK_HEADER = -0x100000;
const TTL_AT = 8;
const HOP_LIMIT_AT = 7;

const LOAD_OCTET = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/**
 * Drops datagrams that arrive with another TTL or hop limit. A socket of UDP needs a filter for this:
 * Linux heeds IP_MINTTL and IPV6_MINHOPCOUNT for TCP only. Throws a `LinuxError`.
 */
export function requireTtl(fd: number, version: IpVersion, ttl: number): void {
  const c = libc();
  const program = Buffer.concat([
    instruction(LOAD_OCTET, 0, 0, NETWORK_HEADER + (version === 4 ? TTL_AT : HOP_LIMIT_AT)),
    instruction(JUMP_IF_EQUAL, 0, 1, ttl),
    instruction(RETURN, 0, 0, -1),
    instruction(RETURN, 0, 0, 0),
  ]);
  // struct sock_fprog: count 2, padding 6, pointer 8.
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(c.addressOf(program), 8);
  c.setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, header);
}

/** struct sock_filter: code 2, jumps if true and if false 1 each, operand 4. */
function instruction(code: number, ifTrue: number, ifFalse: number, operand: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeInt32LE(operand, 4);
  return bytes;
}
