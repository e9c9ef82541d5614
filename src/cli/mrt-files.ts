import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { CommandError, type Io } from './io.ts';

/** Where octets go: a file, or standard output. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file to be written from its beginning; `-` and undefined are standard output. */
export async function openSink(file: string | undefined, io: Io): Promise<Sink> {
  if (file === undefined || file === '-') {
    return { write: (bytes) => io.write(bytes), close: async () => {} };
  }
  const handle = await open(file, 'w').catch((error: unknown): FileHandle => {
    throw new CommandError(1, 'unwritable-file', reasonOf(error), { where: file, cause: error });
  });
  return {
    write: async (bytes) => {
      await handle.writeFile(bytes);
    },
    close: () => handle.close(),
  };
}

/** The octets of a file, plain or gzip; `-` is standard input, plain. */
export function readOctets(file: string, io: Io): AsyncIterable<Buffer> {
  if (file === '-') return inputOf(io);
  const compressed = isGzip(file);
  const stream = createReadStream(file);
  if (!compressed) return stream;
  const plain = createGunzip();
  stream.on('error', (error) => plain.destroy(error)).pipe(plain);
  return plain;
}

async function* inputOf({ input }: Io): AsyncGenerator<Buffer> {
  for await (const part of input) yield Buffer.from(part);
}

function isGzip(file: string): boolean {
  const magic = Buffer.alloc(2);
  try {
    const handle = openSync(file, 'r');
    try {
      readSync(handle, magic, 0, 2, 0);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new CommandError(1, 'unreadable-file', reasonOf(error), { where: file, cause: error });
  }
  return magic.readUInt16BE() === 0x1f8b;
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
