import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RtnetlinkKernel } from '../../src/kernel/rtnetlink-kernel.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { ip, type Machine, namespaceMachine, namespaceObstacle } from './support/machine.ts';
import { Picture, routeOf } from './support/routes.ts';

const obstacle = namespaceObstacle();
const title = obstacle === undefined ? 'rtnetlink' : `rtnetlink (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(`${title} with a small receive buffer`, () => {
  let machine: Machine;
  let kernel: RtnetlinkKernel;
  let picture: Picture;

  beforeEach(async () => {
    machine = namespaceMachine();
    kernel = new RtnetlinkKernel({ clock: processClock, table: 254, receiveBuffer: 4096 });
    picture = new Picture();
    kernel.start(picture);
    await machine.until(() => picture.synchronisations > 0);
  });

  afterEach(() => {
    kernel.close();
    machine.close();
  });

  const batch = (verb: string, from: number, to: number): string => {
    const lines: string[] = [];
    for (let i = from; i < to; i++) {
      lines.push(`route ${verb} blackhole 10.${i >> 8}.${i & 255}.0/24 proto 80 metric 5`);
    }
    return ip('-batch -', lines.join('\n'));
  };

  test('reads everything again after events were lost, and tells differences only', async () => {
    batch('add', 0, 1500);
    await machine.until(() => picture.synchronisations > 1);
    expect(picture.routes(80)).toHaveLength(1500);
    batch('del', 500, 1500);
    await machine.until(() => picture.routes(80).length === 500);
    const added = picture.log.filter((line) => line.startsWith('+') && line.endsWith(' 80'));
    expect(added).toHaveLength(1500);
    expect(picture.failures).toEqual([]);
  });

  test('answers every request, though some answers are lost', async () => {
    let answers = 0;
    for (let i = 0; i < 600; i++) {
      kernel.add(routeOf(`10.${i >> 8}.${i & 255}.0/24`, 'blackhole'), () => answers++);
    }
    await machine.until(() => answers === 600);
    await machine.until(() => picture.routes(12).length === 600);
  });
});
