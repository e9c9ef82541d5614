import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process that holds a socket. */
export interface SocketHolder {
  readonly pid: number;
  /** Its name as the kernel has it, at most 15 characters. */
  readonly command: string;
}

const LISTEN = '0A';

/**
 * The process that listens on a TCP port of this network namespace; with `address` (4 or 16 octets)
 * only one that stands in the way of listening there. Undefined when there is none or it may not be
 * seen.
 */
export function portHolder(port: number, address?: Uint8Array): SocketHolder | undefined {
  const sockets = [...readTable('/proc/net/tcp', 8), ...readTable('/proc/net/tcp6', 32)];
  const wanted = address === undefined ? undefined : procAddress(address);
  const inodes = sockets
    .filter((socket) => socket.port === port && overlaps(socket.address, wanted))
    .map((socket) => socket.inode);
  return holderOf(new Set(inodes));
}

/** The process that holds the Unix socket at `path`. */
export function unixSocketHolder(path: string): SocketHolder | undefined {
  const inodes = readLines('/proc/net/unix')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.slice(7).join(' ') === path)
    .map((fields) => fields[6] ?? '');
  return holderOf(new Set(inodes));
}

interface Listener {
  /** As /proc/net writes it: hexadecimal words of the machine's byte order. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

function readTable(path: string, digits: number): readonly Listener[] {
  const listeners: Listener[] = [];
  for (const line of readLines(path).slice(1)) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== LISTEN || address.length !== digits) continue;
    listeners.push({ address, port: Number.parseInt(port, 16), inode });
  }
  return listeners;
}

/** True when a socket bound to `bound` keeps another from `wanted`; any address meets every one. */
function overlaps(bound: string, wanted: string | undefined): boolean {
  if (wanted === undefined || isAny(bound) || isAny(wanted)) return true;
  return bound === wanted;
}

const isAny = (address: string): boolean => /^0+$/.test(address);

/** Every word of 4 octets is written as a number of this machine, whose bytes are reversed. */
function procAddress(address: Uint8Array): string {
  const swapped = Buffer.from(address).swap32();
  return swapped.toString('hex').toUpperCase();
}

function holderOf(inodes: ReadonlySet<string>): SocketHolder | undefined {
  if (inodes.size === 0) return undefined;
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const [command = ''] = readLines(`/proc/${pid}/comm`);
      return { pid: Number(pid), command };
    }
  }
  return undefined;
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}
