import type { Socket } from 'node:net';

/** Not public, but has been there in every Node since 0.x. */
interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

/** The descriptor of a socket; negative when it is closed, or where the system has none. */
export const descriptorOf = (socket: Socket): number =>
  (socket as unknown as WithHandle)._handle?.fd ?? -1;
