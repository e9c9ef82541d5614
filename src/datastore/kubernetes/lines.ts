import { StringDecoder } from 'node:string_decoder';

/** Far above what etcd stores in one object. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** Cuts a stream of bytes into lines, however the chunks fall. Throws a RangeError when one has no end. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #parts: string[] = [];
  #held = 0;

  /** The lines that `chunk` completes, without the empty ones. */
  take(chunk: Uint8Array): readonly string[] {
    const [first = '', ...rest] = this.#decoder.write(Buffer.from(chunk)).split('\n');
    this.#hold(first);
    const lines: string[] = [];
    for (const part of rest) {
      lines.push(this.#parts.splice(0).join(''));
      this.#held = 0;
      this.#hold(part);
    }
    return lines.filter((line) => line.trim() !== '');
  }

  #hold(part: string): void {
    this.#held += part.length;
    if (this.#held > LONGEST_LINE) throw new RangeError('a line has no end');
    if (part !== '') this.#parts.push(part);
  }
}
