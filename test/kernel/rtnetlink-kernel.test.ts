import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { kernelSuite } from './support/kernel-suite.ts';
import { ip, type Machine, namespaceMachine, namespaceObstacle } from './support/machine.ts';
import { Picture, routeOf } from './support/routes.ts';

const obstacle = namespaceObstacle();
const title = obstacle === undefined ? 'rtnetlink' : `rtnetlink (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => kernelSuite(namespaceMachine));

describe.skipIf(obstacle !== undefined)(`${title} hears of its own requests`, () => {
  let machine: Machine;
  let kernel: Kernel;
  let picture: Picture;

  beforeEach(async () => {
    machine = namespaceMachine();
    machine.setLink('eth0', true);
    machine.addAddress('eth0', '10.0.0.1/24');
    kernel = machine.open();
    picture = new Picture();
    kernel.start(picture);
    await machine.until(() => picture.synchronisations > 0);
  });

  afterEach(() => {
    kernel.close();
    machine.close();
  });

  const request = (op: 'add' | 'remove', prefix: string, ways: string, metric: number) =>
    new Promise((resolve) => kernel[op](routeOf(prefix, ways, { metric }), resolve));

  test('that a removal took the first of several', async () => {
    await request('add', '10.1.0.0/24', '10.0.0.2@eth0', 1024);
    ip('route append 10.1.0.0/24 via 10.0.0.3 dev eth0 metric 1024 proto 12');
    await request('remove', '10.1.0.0/24', '10.0.0.2@eth0', 1024);
    await machine.until(() => picture.routes().join().includes('10.0.0.3'));
    expect(picture.routes()).toEqual(['10.1.0.0/24 10.0.0.3@eth0 metric 1024 protocol 12']);
  });

  test('that a removal without metric took one of another metric', async () => {
    await request('add', '10.1.0.0/24', '10.0.0.2@eth0', 7);
    await request('remove', '10.1.0.0/24', '10.0.0.2@eth0', 0);
    expect(picture.routes()).toEqual([]);
  });
});
