import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigFile, readConfigFile } from '../../src/cli/config-file.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { RecordingLogger } from './recording-logger.ts';

let scratch: ReturnType<typeof scratchDirectory>;
let file: string;

beforeEach(() => {
  scratch = scratchDirectory();
  file = path.join(scratch.path, 'speaker.yaml');
});

afterEach(() => scratch.remove());

const configOf = (holdTime: number): string =>
  `asn: 64512
routerId: 10.0.0.1
peers:
  - { name: one, address: 10.0.0.2, asn: 64512, holdTime: ${holdTime} }
`;

describe('reading', () => {
  test('takes YAML and JSON alike', () => {
    writeFileSync(file, configOf(90));
    const { config: fromYaml } = readConfigFile(file);
    writeFileSync(
      file,
      JSON.stringify({
        asn: 64512,
        routerId: '10.0.0.1',
        peers: [{ name: 'one', address: '10.0.0.2', asn: 64512, holdTime: 90 }],
      }),
    );
    expect(readConfigFile(file).config).toEqual(fromYaml);
  });

  test.each([
    ['asn: [', 'speaker.yaml:1:'],
    ['asn: 1\nasn: 2\n', 'speaker.yaml:2:'],
    ['asn: *nobody', 'nobody'],
    ['asn: 64512\nrouterId: 10.0.0.1\nlisten_: []\n', 'listen_'],
    ['', 'speaker.yaml'],
    ['- 1', 'speaker.yaml'],
  ])('says where %j is wrong', (text, place) => {
    writeFileSync(file, text);
    expect(() => readConfigFile(file)).toThrow(
      expect.objectContaining({ describe: expect.any(Function) }),
    );
    expect(problemOf(file)).toContain(place);
  });

  test('lists everything that is wrong at once', () => {
    writeFileSync(file, 'asn: 0\nrouterId: nonsense\n');
    expect(problemOf(file)).toMatch(/asn.*\n.*routerId/);
  });

  test('says that a file is not there', () => {
    expect(problemOf(file)).toContain('ENOENT');
  });
});

describe('following', () => {
  let log: RecordingLogger;
  let applied: SpeakerConfig[];
  let followed: ConfigFile;

  beforeEach(() => {
    log = new RecordingLogger();
    applied = [];
    writeFileSync(file, configOf(90));
    followed = new ConfigFile(readConfigFile(file), {
      file,
      clock: processClock,
      logger: log,
      apply: (config) => applied.push(config),
    });
  });

  afterEach(() => followed.stop());

  const holdTimes = (): (number | undefined)[] => applied.map(({ peers }) => peers[0]?.holdTime);

  test('a change is applied', async () => {
    writeFileSync(file, configOf(30));
    await expect.poll(holdTimes, { timeout: 5000 }).toEqual([30]);
  });

  test('a file put in place by renaming is noticed', async () => {
    const other = path.join(scratch.path, 'new');
    writeFileSync(other, configOf(45));
    renameSync(other, file);
    await expect.poll(holdTimes, { timeout: 5000 }).toEqual([45]);
  });

  test('an invalid change is refused with its reason, and the next valid one is taken', async () => {
    writeFileSync(file, configOf(2));
    const refusals = (): unknown[] =>
      log.entries.filter(({ msg }) => String(msg).startsWith('configuration refused'));
    await expect.poll(refusals, { timeout: 5000 }).toHaveLength(1);
    expect(JSON.stringify(refusals())).toContain('peers[0].holdTime');
    expect(applied).toEqual([]);
    writeFileSync(file, configOf(60));
    await expect.poll(holdTimes, { timeout: 5000 }).toEqual([60]);
  });

  test('a change between the first reading and the following is not missed', async () => {
    const read = readConfigFile(file);
    writeFileSync(file, configOf(75));
    followed.stop();
    followed = new ConfigFile(read, {
      file,
      clock: processClock,
      logger: log,
      apply: (config) => applied.push(config),
    });
    await expect.poll(holdTimes, { timeout: 5000 }).toEqual([75]);
  });

  test('a file that vanishes leaves the last good configuration in force', async () => {
    rmSync(file);
    await expect.poll(() => log.entries.length, { timeout: 5000 }).toBe(1);
    expect(applied).toEqual([]);
  });

  test('reading again without a change applies the same again', () => {
    followed.reread();
    expect(holdTimes()).toEqual([90]);
    expect(log.entries).toEqual([]);
  });

  test('reading again takes a change at once', () => {
    writeFileSync(file, configOf(33));
    followed.reread();
    expect(holdTimes()).toEqual([33]);
  });
});

function problemOf(of: string): string {
  try {
    readConfigFile(of);
    return '';
  } catch (error) {
    return (error as { describe(): string }).describe();
  }
}
