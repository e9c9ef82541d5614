import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { LinuxError, systemCallError } from './linux-error.ts';

/**
 * The C library calls in use. They only create and configure file descriptors: Node carries the
 * data. Every call throws a `LinuxError` when it fails.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  /** Two connected stream sockets of the Unix domain. */
  socketPair(type: number): readonly [number, number];
  bind(fd: number, address: Uint8Array): void;
  setOption(fd: number, level: number, option: number, value: Uint8Array): void;
  /** Fills `value`, whose length is the option's size. */
  getOption(fd: number, level: number, option: number, value: Uint8Array): void;
  /** Makes `to` refer to what `from` does, in place of what it referred to. */
  duplicate(from: number, to: number): void;
  close(fd: number): void;
  /** Sends one datagram without blocking. */
  send(fd: number, bytes: Uint8Array): void;
  /** Writes the address that the socket is bound to, whose size `address` has. */
  socketName(fd: number, address: Uint8Array): void;
  /**
   * Receives datagrams without blocking, by `count` headers (struct mmsghdr) one behind the other;
   * how many came, or 0 when none waits.
   */
  receive(fd: number, headers: Uint8Array, count: number): number;
  open(path: string): number;
  /** `fcntl` with a number. */
  control(fd: number, command: number, argument: number): void;
  /** Moves the calling thread into the namespace that `fd` refers to. */
  enterNamespace(fd: number, kind: number): void;
  /** Moves the calling thread into a new namespace. */
  newNamespace(kind: number): void;
  /** Where `bytes` lie, for structures that hold pointers; true as long as something refers to them. */
  addressOf(bytes: Uint8Array): bigint;
}

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOL_SOCKET = 1;

const O_RDONLY_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const EAGAIN = 11;

type Call = (...args: (number | string | Uint8Array | null)[]) => number;

let loaded: Libc | undefined;

/** Loads the C library when first asked for it; throws a `LinuxError` where that cannot work. */
export function libc(): Libc {
  loaded ??= loadLibc();
  return loaded;
}

function loadLibc(): Libc {
  if (process.platform !== 'linux') {
    throw new LinuxError(`this needs Linux, not ${process.platform}`);
  }
  if (endianness() !== 'LE') throw new LinuxError('this machine is big-endian');
  const { library, errno, addressOf } = loadKoffi();
  const bindCall = (name: string, definition: string): Call => {
    const call: Call = library.func(definition);
    return (...args) => {
      const result = call(...args);
      if (result >= 0) return result;
      const code = errno();
      if (code === EAGAIN && name === 'recvmmsg') return 0;
      throw systemCallError(name, code);
    };
  };
  return { ...wrap(bindCall), addressOf };
}

function wrap(bindCall: (name: string, definition: string) => Call): Omit<Libc, 'addressOf'> {
  const socket = bindCall('socket', 'int socket(int, int, int)');
  const socketpair = bindCall('socketpair', 'int socketpair(int, int, int, void *)');
  const bind = bindCall('bind', 'int bind(int, void *, uint)');
  const setsockopt = bindCall('setsockopt', 'int setsockopt(int, int, int, void *, uint)');
  const getsockopt = bindCall('getsockopt', 'int getsockopt(int, int, int, void *, void *)');
  const dup3 = bindCall('dup3', 'int dup3(int, int, int)');
  const close = bindCall('close', 'int close(int)');
  const send = bindCall('send', 'intptr_t send(int, void *, size_t, int)');
  const recvmmsg = bindCall('recvmmsg', 'int recvmmsg(int, void *, uint, int, void *)');
  const getsockname = bindCall('getsockname', 'int getsockname(int, void *, void *)');
  const open = bindCall('open', 'int open(str, int, ...)');
  const fcntl = bindCall('fcntl', 'int fcntl(int, int, int)');
  const setns = bindCall('setns', 'int setns(int, int)');
  const unshare = bindCall('unshare', 'int unshare(int)');
  return {
    socket: (domain, type, protocol) => socket(domain, type, protocol),
    socketPair: (type) => {
      const fds = new Int32Array(2);
      socketpair(AF_UNIX, type, 0, new Uint8Array(fds.buffer));
      return [fds[0] ?? -1, fds[1] ?? -1];
    },
    bind: (fd, address) => void bind(fd, address, address.length),
    setOption: (fd, level, option, value) =>
      void setsockopt(fd, level, option, value, value.length),
    getOption: (fd, level, option, value) => {
      const length = new Uint8Array(Uint32Array.of(value.length).buffer);
      getsockopt(fd, level, option, value, length);
    },
    duplicate: (from, to) => void dup3(from, to, SOCK_CLOEXEC),
    close: (fd) => void close(fd),
    send: (fd, bytes) => void send(fd, bytes, bytes.length, MSG_DONTWAIT),
    socketName: (fd, address) => {
      const length = new Uint8Array(Uint32Array.of(address.length).buffer);
      getsockname(fd, address, length);
    },
    receive: (fd, headers, count) => recvmmsg(fd, headers, count, MSG_DONTWAIT, null),
    open: (path) => open(path, O_RDONLY_CLOEXEC),
    control: (fd, command, argument) => void fcntl(fd, command, argument),
    enterNamespace: (fd, kind) => void setns(fd, kind),
    newNamespace: (kind) => void unshare(kind),
  };
}

interface Loaded {
  readonly library: { func(definition: string): Call };
  readonly errno: () => number;
  readonly addressOf: Libc['addressOf'];
}

/** koffi is native code: it is required only here, and only when a socket option or netlink is used. */
function loadKoffi(): Loaded {
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    return {
      library: koffi.load(null),
      errno: () => koffi.errno(),
      addressOf: (bytes) => BigInt(koffi.address(bytes)),
    };
  } catch (cause) {
    throw new LinuxError('the native library koffi cannot be loaded', {
      cure: 'install the package with its optional dependencies',
      cause,
    });
  }
}

/** A C `int` as the bytes of a socket option. */
export const intOption = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
