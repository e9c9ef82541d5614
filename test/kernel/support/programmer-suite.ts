import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FibProgrammer } from '../../../src/kernel/fib-programmer.ts';
import { FIB_STATES } from '../../../src/kernel/fib-state.ts';
import { fanOut, type Kernel } from '../../../src/kernel/kernel.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { silentProbe } from '../../../src/runtime/probe.ts';
import { SlicedWork } from '../../../src/runtime/sliced-work.ts';
import type { Machine } from './machine.ts';
import { Picture, prefixOf, routeOf, textOf } from './routes.ts';

/** How the FIB programmer behaves above any `Kernel`. */
export function programmerSuite(makeMachine: () => Machine): void {
  let machine: Machine;
  let kernel: Kernel;
  let picture: Picture;
  let programmer: FibProgrammer;

  const start = async (): Promise<void> => {
    kernel = machine.open();
    picture = new Picture();
    programmer = new FibProgrammer({
      kernel,
      clock: machine.clock,
      work: new SlicedWork(machine.clock),
      logger: silentLogger,
      probe: silentProbe,
      table: 254,
      protocol: 12,
    });
    kernel.start(fanOut([picture, programmer]));
    await machine.until(() => picture.synchronisations > 0);
  };

  const die = (): void => {
    programmer.close();
    kernel.close();
  };

  beforeEach(async () => {
    machine = makeMachine();
    machine.setLink('eth0', true);
    machine.addAddress('eth0', '10.0.0.1/24');
    machine.addAddress('eth0', 'fd00::1/64');
    await start();
  });

  afterEach(() => {
    die();
    machine.close();
  });

  const want = (prefix: string, ways: string, metric = 1024): void =>
    programmer.set(prefixOf(prefix), routeOf(prefix, ways, { metric }));

  const stateOf = (prefix: string): string => {
    const status = programmer.status(prefixOf(prefix));
    return status === undefined ? 'none' : (FIB_STATES[status.state]?.name ?? '');
  };

  const becomes = (prefix: string, state: string): Promise<void> =>
    machine.until(() => stateOf(prefix) === state);

  const eventsOf = (prefix: string): readonly string[] =>
    picture.log.filter((line) => line.slice(2).startsWith(`${prefix} `));

  describe('wanted routes', () => {
    test.each([
      ['10.1.0.0/26', '10.0.0.2@eth0'],
      ['10.1.0.0/26', '10.0.0.2@eth0 10.0.0.3@eth0*2'],
      ['10.1.0.0/26', 'blackhole'],
      ['fd01::/122', 'fd00::2@eth0 fd00::3@eth0'],
      ['fd01::/122', 'unreachable'],
    ])('%s by %s is installed, changed and cleared', async (prefix, ways) => {
      want(prefix, ways);
      await becomes(prefix, 'installed');
      expect(picture.routes()).toEqual([textOf(routeOf(prefix, ways))]);
      want(prefix, 'prohibit');
      await becomes(prefix, 'installed');
      expect(picture.routes()).toEqual([textOf(routeOf(prefix, 'prohibit'))]);
      expect(picture.log.filter((line) => line.startsWith('-'))).toEqual([]);
      programmer.clear(prefixOf(prefix));
      await becomes(prefix, 'none');
      expect(picture.routes()).toEqual([]);
    });

    test('the last of several changes wins', async () => {
      for (const last of [2, 3, 4, 5]) want('10.1.0.0/26', `10.0.0.${last}@eth0`);
      await becomes('10.1.0.0/26', 'installed');
      programmer.clear(prefixOf('10.1.0.0/26'));
      want('10.1.0.0/26', '10.0.0.6@eth0');
      await machine.until(() => programmer.settled);
      expect(picture.routes()).toEqual(['10.1.0.0/26 10.0.0.6@eth0 metric 1024 protocol 12']);
    });

    test('a new metric is added before the old one goes', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0', 1024);
      await becomes('10.1.0.0/26', 'installed');
      want('10.1.0.0/26', '10.0.0.2@eth0', 512);
      await machine.until(() => programmer.settled && picture.routes().length === 1);
      expect(picture.log.slice(-2)).toEqual([
        '+ 10.1.0.0/26 10.0.0.2@eth0 metric 512 protocol 12',
        '- 10.1.0.0/26 10.0.0.2@eth0 metric 1024 protocol 12',
      ]);
    });

    test('many are counted as they are installed', async () => {
      for (let i = 0; i < 600; i++) want(`10.${i >> 8}.${i & 255}.0/26`, 'blackhole');
      await machine.until(() => programmer.counts[0] === 600);
      expect(programmer.counts.slice(1).every((count) => count === 0)).toBe(true);
      expect(picture.routes()).toHaveLength(600);
    });

    test('one that cannot be installed is tried again when its network appears', async () => {
      want('10.1.0.0/26', '10.7.0.2@eth0');
      await becomes('10.1.0.0/26', 'gateway-unreachable');
      expect(programmer.status(prefixOf('10.1.0.0/26'))?.error?.errno).toBe('ENETUNREACH');
      machine.addAddress('eth0', '10.7.0.1/24');
      await becomes('10.1.0.0/26', 'installed');
    });

    test('one whose interface is missing or down waits for it', async () => {
      want('10.1.0.0/26', '10.7.0.2@eth7!');
      await becomes('10.1.0.0/26', 'no-interface');
      machine.setLink('eth7', false);
      machine.setLink('eth7', true);
      await becomes('10.1.0.0/26', 'installed');
      machine.setLink('eth7', false);
      await becomes('10.1.0.0/26', 'interface-down');
      machine.setLink('eth7', true);
      await becomes('10.1.0.0/26', 'installed');
    });
  });

  describe('other programs', () => {
    const theirs = routeOf('10.1.0.0/26', 'blackhole', { protocol: 80 });

    test.each([
      ['10.1.0.0/26', '10.0.0.2@eth0'],
      ['fd01::/122', 'fd00::2@eth0'],
    ])('keep %s at the same metric until they let go', async (prefix, ways) => {
      const foreign = routeOf(prefix, 'blackhole', { protocol: 80 });
      machine.add(foreign);
      want(prefix, ways);
      await becomes(prefix, 'foreign-conflict');
      expect(programmer.status(prefixOf(prefix))?.foreignProtocol).toBe(80);
      expect(picture.routes()).toEqual([textOf(foreign)]);
      machine.remove(foreign);
      await becomes(prefix, 'installed');
      expect(picture.routes()).toEqual([textOf(routeOf(prefix, ways))]);
    });

    test('keep their route at another metric beside ours', async () => {
      machine.add(routeOf('10.1.0.0/26', 'blackhole', { protocol: 80, metric: 7 }));
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await becomes('10.1.0.0/26', 'installed');
      programmer.clear(prefixOf('10.1.0.0/26'));
      await becomes('10.1.0.0/26', 'none');
      expect(picture.routes(80)).toHaveLength(1);
    });

    test('see a deleted route come back', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await becomes('10.1.0.0/26', 'installed');
      machine.remove(routeOf('10.1.0.0/26', '10.0.0.2@eth0'));
      await machine.until(() => eventsOf('10.1.0.0/26').length === 3);
      expect(picture.routes()).toHaveLength(1);
    });

    test('see a changed route set right', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await becomes('10.1.0.0/26', 'installed');
      machine.replace(routeOf('10.1.0.0/26', '10.0.0.9@eth0'));
      await machine.until(() => eventsOf('10.1.0.0/26').length === 3);
      expect(picture.routes()).toEqual(['10.1.0.0/26 10.0.0.2@eth0 metric 1024 protocol 12']);
    });

    test('may take over our prefix, and are left alone', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await becomes('10.1.0.0/26', 'installed');
      machine.replace(theirs);
      await becomes('10.1.0.0/26', 'foreign-conflict');
      await machine.settle();
      expect(picture.routes()).toEqual([textOf(theirs)]);
    });

    test('that disturb a route again and again see it come back ever more slowly', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await becomes('10.1.0.0/26', 'installed');
      machine.remove(routeOf('10.1.0.0/26', '10.0.0.2@eth0'));
      await machine.until(() => eventsOf('10.1.0.0/26').length === 3 && programmer.settled);
      machine.remove(routeOf('10.1.0.0/26', '10.0.0.2@eth0'));
      await becomes('10.1.0.0/26', 'drift');
      await becomes('10.1.0.0/26', 'installed');
      expect(picture.routes()).toHaveLength(1);
    });

    test('that use our protocol in our table see their routes removed', async () => {
      programmer.release();
      machine.add(routeOf('10.5.0.0/26', 'blackhole'));
      await machine.until(() => eventsOf('10.5.0.0/26').length === 2);
      expect(picture.routes()).toEqual([]);
    });
  });

  describe('another life', () => {
    beforeEach(async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      want('10.2.0.0/26', '10.0.0.2@eth0');
      want('10.3.0.0/26', '10.0.0.2@eth0');
      await machine.until(() => picture.routes().length === 3);
      die();
      await start();
    });

    test('adopts what is wanted again without writing it', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await becomes('10.1.0.0/26', 'installed');
      expect(eventsOf('10.1.0.0/26')).toHaveLength(1);
    });

    test('keeps the rest until it is released, then sweeps', async () => {
      want('10.1.0.0/26', '10.0.0.2@eth0');
      await machine.until(() => programmer.settled);
      expect(stateOf('10.2.0.0/26')).toBe('adopted');
      expect(picture.routes()).toHaveLength(3);
      programmer.release();
      programmer.release();
      await machine.until(() => programmer.settled && picture.routes().length === 1);
      expect(picture.routes()).toEqual(['10.1.0.0/26 10.0.0.2@eth0 metric 1024 protocol 12']);
    });

    test('changes an adopted route in place', async () => {
      want('10.2.0.0/26', '10.0.0.3@eth0');
      await becomes('10.2.0.0/26', 'installed');
      expect(picture.log.filter((line) => line.startsWith('-'))).toEqual([]);
    });

    test('drops an adopted route that is cleared', async () => {
      programmer.clear(prefixOf('10.3.0.0/26'));
      await becomes('10.3.0.0/26', 'none');
      expect(picture.routes()).toHaveLength(2);
    });
  });
}
