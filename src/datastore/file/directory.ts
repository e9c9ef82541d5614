import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { BengalError } from '../../runtime/error.ts';

/** 8 MiB: some ten thousand objects. */
export const MAX_FILE_SIZE: number = 8 * 1024 * 1024;

/** Names of the resource files directly in a directory, in text order. Throws when it is not there. */
export function listFiles(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => /\.(yaml|yml|json)$/.test(name) && !name.startsWith('.'))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Changes whenever the file behind a name does; undefined when there is none. */
export function signatureOf(directory: string, name: string): string | undefined {
  try {
    const { ino, size, mtimeNs } = statSync(path.join(directory, name), { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch {
    return undefined;
  }
}

/** Whether anybody has the file behind a descriptor open for writing; undefined where none can tell. */
export type IsOpenForWriting = (fd: number) => boolean | undefined;

/** A file at one moment. */
export interface FileText {
  readonly text: string;
  readonly openForWriting: boolean | undefined;
}

/** Reads a file. Throws a BengalError when it must not or cannot be read. */
export function readResourceFile(
  directory: string,
  name: string,
  isOpenForWriting: IsOpenForWriting = () => undefined,
): FileText {
  try {
    return readWithin(directory, name, isOpenForWriting);
  } catch (cause) {
    if (cause instanceof BengalError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw refused('unreadable-file', name, `cannot be read: ${message}`, 'Make it readable', cause);
  }
}

function readWithin(directory: string, name: string, isOpenForWriting: IsOpenForWriting): FileText {
  const root = realpathSync(directory);
  const target = realpathSync(path.join(directory, name));
  if (!target.startsWith(root + path.sep))
    throw refused('escaping-link', name, 'leads out of the directory', 'Put the file itself here');
  // Nobody may ever write into a pipe: it must not be waited for.
  const handle = openSync(target, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(handle);
    if (!status.isFile()) throw refused('not-a-file', name, 'is not a regular file', 'Remove it');
    if (status.size > MAX_FILE_SIZE)
      throw refused('file-too-large', name, `is larger than ${MAX_FILE_SIZE} bytes`, 'Split it');
    return { openForWriting: isOpenForWriting(handle), text: readFileSync(handle, 'utf8') };
  } finally {
    closeSync(handle);
  }
}

const refused = (
  code: string,
  where: string,
  message: string,
  cure: string,
  cause?: unknown,
): BengalError => new BengalError(code, message, { where, cure, cause });
