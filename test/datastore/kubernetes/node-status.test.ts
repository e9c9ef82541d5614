import { beforeEach, describe, expect, test } from 'vitest';
import { NODE_STATUSES } from '../../../src/datastore/kubernetes/kinds.ts';
import { status } from './stand-in.ts';
import { World } from './world.ts';

const PLACE = '/apis/crd.projectcalico.org/v1/caliconodestatuses/mine';

describe('the status of a CalicoNodeStatus', () => {
  const world = new World();
  const write = (parts: object = { agent: { birdV4: { state: 'Ready' } } }): Promise<void> =>
    world.store?.putStatus('mine', { ...parts }) ?? Promise.reject(new Error('no store'));
  const stored = () => world.api.store.get('caliconodestatuses', 'mine');

  beforeEach(async () => {
    world.api.store.put('caliconodestatuses', {
      metadata: { name: 'mine', annotations: { note: 'kept' } },
      spec: { node: 'a', classes: ['Agent'], updatePeriodSeconds: 10 },
      status: { bgp: { numberEstablishedV4: 1 } },
    });
    await world.start({ kinds: [NODE_STATUSES] });
    world.api.requests.length = 0;
  });

  test('is told with the object, and told again when it was written', async () => {
    await write();
    await world.told('put CalicoNodeStatus//mine', 2);
    expect(world.listener.objects.get('CalicoNodeStatus//mine')).toMatchObject({
      spec: { node: 'a' },
      status: { agent: { birdV4: { state: 'Ready' } }, bgp: { numberEstablishedV4: 1 } },
    });
  });

  test('is written beside what is there, over the version that was read', async () => {
    await write();
    expect(stored()).toMatchObject({
      metadata: { annotations: { note: 'kept' } },
      spec: { node: 'a' },
      status: { agent: { birdV4: { state: 'Ready' } }, bgp: { numberEstablishedV4: 1 } },
    });
    const asked = world.api.requests.filter((path) => path.includes(PLACE));
    expect(asked).toEqual([PLACE, `PUT ${PLACE}/status`]);
  });

  test('is written with the object where the kind has no status of its own', async () => {
    world.api.plain.add('caliconodestatuses');
    await write();
    expect(stored()).toMatchObject({
      metadata: { annotations: { note: 'kept' } },
      spec: { node: 'a' },
      status: { agent: { birdV4: { state: 'Ready' } } },
    });
  });

  test('is read again when somebody else was faster, and given up after three times', async () => {
    let rivals = 2;
    world.api.beforePut = () => {
      if (rivals-- > 0) world.api.store.put('caliconodestatuses', { ...mine(), rivals });
    };
    const mine = () => stored() ?? { metadata: { name: 'mine' } };
    await write();
    expect(stored()).toMatchObject({ rivals: 0, status: { agent: {} } });
    rivals = 3;
    await expect(write()).rejects.toThrow('changed by somebody else at the same time');
  });

  test('of an object that is gone is not missed', async () => {
    world.api.store.delete('caliconodestatuses', 'mine');
    await write();
    expect(stored()).toBeUndefined();
  });

  test('that may not be written is an error that says so', async () => {
    const message = 'caliconodestatuses "mine" is forbidden';
    const body = status(403, 'Forbidden', message);
    world.api.answers.set('caliconodestatuses', { status: 403, body });
    await expect(write()).rejects.toThrow(message);
  });
});
