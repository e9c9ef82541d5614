import { afterEach, describe, expect, test } from 'vitest';
import { Rehearsal } from '../../../src/cli/rehearsal/rehearsal.ts';
import { changes } from '../../../src/cli/rehearsal/script.ts';
import { Stage } from '../../../src/cli/rehearsal/stage.ts';
import { platformFeatures } from '../../../src/linux/platform-features.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { RecordingLogger } from '../recording-logger.ts';

const native = platformFeatures().some(
  ({ name, available }) => name === 'native-calls' && available,
);

/** Of the rest in front of a rehearsal, in milliseconds: more than may be worked in it. */
const WORK = 150;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 5000) throw new Error('it did not come to pass');
    await pause(2);
  }
}

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;

function work(): void {
  const end = performance.now() + WORK;
  while (performance.now() < end);
}

describe.skipIf(!native)('a rehearsal (Linux with koffi)', () => {
  let rehearsal: Rehearsal | undefined;

  afterEach(() => rehearsal?.cancel());

  function begin(): { readonly logger: RecordingLogger; readonly told: boolean[] } {
    const logger = new RecordingLogger();
    const told: boolean[] = [];
    const rehearsing = (is: boolean): void => void told.push(is);
    rehearsal = new Rehearsal({ clock: processClock, logger, rehearsing });
    return { logger, told };
  }

  test('hands every change on, and leaves nothing behind', { timeout: 20_000 }, async () => {
    const before = sockets();
    const { logger, told } = begin();
    await until(() => logger.entries.length > 0);
    const fed = [...changes()].reduce((sum, message) => sum + message.length, 0);
    const [entry] = logger.entries;
    expect(entry).toMatchObject({ level: 'debug', msg: 'rehearsed' });
    const octets = entry?.['octets'] as readonly number[];
    expect(octets).toHaveLength(2);
    for (const heard of octets) expect(heard).toBeGreaterThan(fed);
    expect(told).toEqual([true, false]);
    await until(() => sockets() === before);
  });

  test('ends in the midst when it is cancelled', async () => {
    const before = sockets();
    const { logger, told } = begin();
    await until(() => told.length > 0);
    expect(sockets()).toBeGreaterThan(before);
    rehearsal?.cancel();
    expect(told).toEqual([true, false]);
    await until(() => sockets() === before);
    expect(logger.entries).toEqual([]);
  });

  test('does not begin where there is work', async () => {
    const { logger, told } = begin();
    work();
    await until(() => logger.entries.length > 0);
    expect(logger.entries).toMatchObject([{ level: 'debug', msg: 'no rehearsal: there is work' }]);
    expect(told).toEqual([]);
  });

  test('does not begin after it was cancelled', async () => {
    const { logger, told } = begin();
    rehearsal?.cancel();
    await pause(2 * WORK);
    expect(logger.entries).toEqual([]);
    expect(told).toEqual([]);
  });

  test('outlives a session that breaks', { timeout: 20_000 }, async () => {
    const before = sockets();
    const stage = new Stage(processClock);
    stage.open();
    const all = sockets();
    // No marker: the reflector sends a NOTIFICATION, and closes what is still written to.
    stage.feed(Buffer.alloc(19));
    await until(() => {
      stage.feed(Buffer.alloc(65_536));
      return sockets() < all;
    });
    stage.feed(Buffer.alloc(19));
    stage.close();
    await until(() => sockets() === before);
  });
});
