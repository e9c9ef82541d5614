import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPasswords } from '../../src/cli/password-files.ts';
import { printConfig } from '../../src/config/print.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { RecordingLogger } from './recording-logger.ts';

let scratch: ReturnType<typeof scratchDirectory>;
let log: RecordingLogger;
let file: string;

beforeEach(() => {
  scratch = scratchDirectory();
  log = new RecordingLogger();
  file = path.join(scratch.path, 'password');
});

afterEach(() => scratch.remove());

/** A peer with this password and a range with the same. */
function config(password: object): SpeakerConfig {
  const session = { asn: 64512, password };
  const outcome = resolveConfig({
    asn: 64512,
    routerId: '10.0.0.1',
    listen: [{ address: '10.0.0.1', port: 179 }],
    peers: [{ name: 'one', address: '10.0.0.2', ...session }],
    dynamicPeers: [{ range: '10.1.0.0/16', ...session }],
  });
  if ('errors' in outcome) throw new Error(JSON.stringify(outcome.errors));
  return outcome.config;
}

describe('a password file', () => {
  test.each([
    ['secret', 'secret', 0],
    ['secret\n', 'secret', 1],
    ['secret\r\n', 'secret', 1],
    ['sec\nret \n', 'sec\nret ', 1],
    [`${'x'.repeat(80)}\r\n`, 'x'.repeat(80), 1],
  ])('with %j holds the password %j', (text, value, warnings) => {
    writeFileSync(file, text);
    const { known, held } = readPasswords(config({ file }), log);
    expect(held).toEqual([]);
    expect(known.peers[0]?.password).toEqual({ file, value });
    expect(known.dynamicPeers[0]?.password).toEqual({ file, value });
    expect(log.entries.map(({ level }) => level)).toEqual(Array(warnings).fill('warn'));
    expect(JSON.stringify(log.entries)).not.toContain(value);
  });

  test.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    ['x'.repeat(81), 'more than 80 octets'],
    ['x'.repeat(1000), 'more than 80 octets'],
  ])('with %j holds down who has it', (text, reason) => {
    writeFileSync(file, text);
    const { known, held } = readPasswords(config({ file }), log);
    expect(held.map(({ peer }) => peer)).toEqual(['one', '10.1.0.0/16']);
    expect(held[0]?.reason).toContain(`its password file ${file} `);
    expect(held[0]?.reason).toContain(reason);
    expect(known.peers[0]?.password).toEqual({ file });
  });

  test('that does not exist, or is a folder, holds down who has it', () => {
    const reasons = (): string | undefined => readPasswords(config({ file }), log).held[0]?.reason;
    expect(reasons()).toBe(`its password file ${file} does not exist`);
    mkdirSync(file);
    expect(reasons()).toContain('is not a file');
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read says so', () => {
    writeFileSync(file, 'secret');
    chmodSync(file, 0);
    const { held } = readPasswords(config({ file }), log);
    expect(held[0]?.reason).toContain('cannot be read (EACCES)');
  });

  test('is read anew each time', () => {
    const read = (): unknown => readPasswords(config({ file }), log).known.peers[0]?.password;
    writeFileSync(file, 'first');
    expect(read()).toEqual({ file, value: 'first' });
    writeFileSync(file, 'second');
    expect(read()).toEqual({ file, value: 'second' });
    rmSync(file);
    expect(read()).toEqual({ file });
  });

  test('is all that a print shows of the password', () => {
    writeFileSync(file, 'secret');
    const { known } = readPasswords(config({ file }), log);
    expect(printConfig(known)).toHaveProperty('peers.0.password', { redacted: true, from: file });
    expect(printConfig(known, { redact: false })).toHaveProperty('peers.0.password', { file });
  });
});

test('a password in the configuration itself stays as it is', () => {
  const written = config({ value: 'secret' });
  expect(readPasswords(written, log)).toEqual({ known: written, held: [] });
});
