import { readFileSync } from 'node:fs';
import { AF_INET, AF_NETLINK, libc, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_RAW } from './libc.ts';
import { LinuxError } from './linux-error.ts';
import { setMd5Key } from './tcp-md5.ts';
import { closeTcpSocket, openTcpSocket, type TcpSocketOptions } from './tcp-socket.ts';
import { requireTtl } from './ttl-filter.ts';

/** Something that bengal can do on this machine, or cannot. */
export interface PlatformFeature {
  /** Stable name, lower case with dashes. */
  readonly name: string;
  readonly available: boolean;
  /** What it is good for when available, else what is in the way. */
  readonly detail: string;
}

const CAP_NET_BIND_SERVICE = 10;
const CAP_NET_ADMIN = 12;
const BGP_PORT = 179;

/** Tries out what this machine and this process's rights allow; never throws. */
export function platformFeatures(): readonly PlatformFeature[] {
  return [
    feature('native-calls', 'socket options and netlink can be used', () => void libc()),
    feature('netlink', 'kernel routes can be read', tryNetlink),
    feature('route-programming', 'kernel routes can be written', () =>
      needCapability(CAP_NET_ADMIN),
    ),
    feature('ttl', 'the TTL of a session can be set', () => trySocket({ ttl: 255 })),
    feature('tcp-md5', 'sessions can have a password', tryMd5),
    feature('ttl-security', 'TTL security can be had', () => trySocket({ minTtl: 255 })),
    feature('bfd', 'BFD over one hop hears only the link', tryTtlFilter),
    feature('bind-to-device', 'a session can be bound to an interface', () =>
      trySocket({ device: 'lo' }),
    ),
    feature('bgp-port', 'port 179 can be listened on', tryBgpPort),
  ];
}

function feature(name: string, use: string, probe: () => void): PlatformFeature {
  try {
    probe();
    return { name, available: true, detail: use };
  } catch (error) {
    const detail = error instanceof LinuxError ? error.describe() : String(error);
    return { name, available: false, detail };
  }
}

function tryNetlink(): void {
  const c = libc();
  c.close(c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

function trySocket(options: TcpSocketOptions): void {
  closeTcpSocket(openTcpSocket(4, options));
}

function tryTtlFilter(): void {
  const c = libc();
  const fd = c.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    requireTtl(fd, 4, 255);
  } finally {
    c.close(fd);
  }
}

function tryMd5(): void {
  const fd = openTcpSocket(4, {});
  try {
    setMd5Key(fd, 4, { address: Uint8Array.of(127, 0, 0, 1), length: 32 }, Uint8Array.of(1));
  } catch (error) {
    if (!(error instanceof LinuxError) || error.errno !== 'ENOPROTOOPT') throw error;
    throw new LinuxError('this kernel lacks TCP-MD5', { cure: 'set CONFIG_TCP_MD5SIG' });
  } finally {
    closeTcpSocket(fd);
  }
}

function tryBgpPort(): void {
  const first = Number(readText('/proc/sys/net/ipv4/ip_unprivileged_port_start') || 1024);
  if (first > BGP_PORT) needCapability(CAP_NET_BIND_SERVICE);
}

function needCapability(bit: number): void {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText('/proc/self/status'))?.[1] ?? '0';
  if (((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 1n) return;
  const name = bit === CAP_NET_ADMIN ? 'CAP_NET_ADMIN' : 'CAP_NET_BIND_SERVICE';
  throw new LinuxError(`this process lacks ${name}`, { cure: `run it as root or grant ${name}` });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
