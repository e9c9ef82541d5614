import { readFileSync, statSync } from 'node:fs';
import type { Password, SessionConfig, SpeakerConfig } from '../config/types.ts';
import type { Logger } from '../runtime/logger.ts';
import type { HeldPeer } from '../speaker/speaker.ts';

/** Largest key of TCP-MD5 in octets, and of a file that holds one and an end of line. */
const MAX_KEY = 80;
const MAX_FILE = MAX_KEY + 2;

/** A configuration whose password files were read; who has none of them is held. */
export interface KnownPasswords {
  readonly known: SpeakerConfig;
  readonly held: readonly HeldPeer[];
}

/** Reads every password file of `config`. No message repeats any of what is in them. */
export function readPasswords(config: SpeakerConfig, logger: Logger): KnownPasswords {
  const held: HeldPeer[] = [];
  const files = new Map<string, Password | Fault>();
  const known = <T extends SessionConfig>(session: T, name: string): T => {
    const file = session.password?.file;
    if (file === undefined) return session;
    const password = files.get(file) ?? readPassword(file, logger);
    files.set(file, password);
    if (!('fault' in password)) return { ...session, password };
    held.push({ peer: name, reason: `its password file ${file} ${password.fault}` });
    return session;
  };
  const peers = config.peers.map((peer) => known(peer, peer.name));
  const dynamicPeers = config.dynamicPeers.map((range) => known(range, range.range));
  return { known: { ...config, peers, dynamicPeers }, held };
}

interface Fault {
  readonly fault: string;
}

function readPassword(file: string, logger: Logger): Password | Fault {
  const text = readText(file);
  if (typeof text !== 'string') return text;
  const value = text.replace(/\r?\n$/, '');
  if (value === '') return { fault: 'is empty' };
  if (Buffer.byteLength(value) > MAX_KEY) return { fault: TOO_LONG };
  if (value !== text) logger.warn({ file }, 'the end of line behind a password is left out');
  return { file, value };
}

const TOO_LONG = `holds more than ${MAX_KEY} octets, the most that TCP-MD5 takes`;

function readText(file: string): string | Fault {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return { fault: 'is not a file' };
    return stats.size > MAX_FILE ? { fault: TOO_LONG } : readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { fault: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
}
