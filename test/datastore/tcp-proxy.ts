import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP proxy on loopback that can cut, refuse, freeze and delay what runs through it. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: number;
  /** Both ends of every connection, and whether it still carries anything. */
  readonly #pairs = new Map<Socket, { readonly far: Socket; frozen: boolean }>();
  #refusing = false;
  #delay = 0;
  #cutAfter = Number.POSITIVE_INFINITY;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** Listens on a free port of 127.0.0.1 and leads to port `target` there. */
  static async to(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** How many connections of clients are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Cuts what is open. */
  cut(): void {
    for (const [near, { far }] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Cuts every connection from now on after so many bytes from the target. */
  cutAfter(bytes: number): void {
    this.#cutAfter = bytes;
  }

  /** Cuts what is open and accepts nothing more. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** What is open stays open and carries nothing any more; new connections work. */
  freeze(): void {
    for (const pair of this.#pairs.values()) pair.frozen = true;
  }

  /** Every piece takes so many milliseconds longer from now on. */
  delay(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /** New connections work again, without delay and for ever. */
  pass(): void {
    this.#refusing = false;
    this.#delay = 0;
    this.#cutAfter = Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.refuse();
    this.#server.close();
  }

  #accept(near: Socket): void {
    if (this.#refusing) {
      near.on('error', () => {}).destroy();
      return;
    }
    const far = createConnection(this.#target, '127.0.0.1');
    const pair = { far, frozen: false };
    let left = this.#cutAfter;
    const end = (): void => {
      this.#pairs.delete(near);
      near.destroy();
      far.destroy();
    };
    this.#pairs.set(near, pair);
    near.on('error', end).on('close', end);
    far.on('error', end).on('close', end);
    near.on('data', (piece) => this.#carry(piece, far, pair));
    far.on('data', (piece) => {
      left -= piece.length;
      if (left < 0) end();
      else this.#carry(piece, near, pair);
    });
  }

  #carry(piece: Buffer, to: Socket, pair: { readonly frozen: boolean }): void {
    if (pair.frozen) return;
    if (this.#delay === 0) to.write(piece);
    else void sleep(this.#delay).then(() => to.write(piece));
  }
}
