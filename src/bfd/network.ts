/** The way to a peer. The address tells paths of a kind apart, and the interface link-local ones. */
export interface BfdPath {
  /** Canonical, without a zone. */
  readonly remote: string;
  readonly interface: string | undefined;
  /** Undefined: chosen by the kernel. */
  readonly local: string | undefined;
  /** Several hops (RFC 5883), or a common link (RFC 5881). */
  readonly multihop: boolean;
}

/** A datagram on a port of BFD. */
export interface BfdArrival {
  readonly remote: string;
  /** Known for link-local addresses. */
  readonly interface: string | undefined;
  readonly multihop: boolean;
  /** Lent for the call. */
  readonly bytes: Buffer;
}

export interface BfdPort {
  /** Sends one datagram; what cannot be sent is lost, as on the way. */
  send(bytes: Buffer): void;
  close(): void;
}

/** Where packets go and come from: UDP, or a simulated network. */
export interface BfdNetwork {
  /**
   * Opens the way to a peer and the port of its kind, whose arrivals all go to `arrived`. Throws a
   * `BengalError` when they cannot be had.
   */
  open(path: BfdPath, arrived: (arrival: BfdArrival) => void): BfdPort;
  /** Closes the ports of both kinds. */
  close(): void;
}

/** fe80::/10 */
export const LINK_LOCAL: RegExp = /^fe[89ab]/;

/** Equal for paths that are one session; only link-local addresses need their interface. */
export const pathKey = (path: Omit<BfdPath, 'local'> | BfdArrival): string => {
  const zone = LINK_LOCAL.test(path.remote) ? `%${path.interface ?? ''}` : '';
  return `${path.remote}${zone} ${path.multihop ? 'multihop' : 'single-hop'}`;
};
