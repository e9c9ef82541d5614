import { expect, test } from 'vitest';
import { LiveSession } from '../../src/bfd/live-session.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { every } from './support.ts';

test('a session that was closed as its detection time expired sends nothing more', () => {
  const clock = new VirtualClock();
  let closed = false;
  const sentLate: Buffer[] = [];
  const session = new LiveSession({
    clock,
    random: seededRandom(1),
    discriminator: 7,
    settings: every(300, 300, 3),
    port: {
      send: (bytes) => {
        if (closed) sentLate.push(bytes);
      },
      close: () => {
        closed = true;
      },
    },
    changed: () => {},
  });
  // Wants few packets: without it we would send more often again.
  session.receive({
    state: 'down',
    diagnostic: 0,
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    demand: false,
    detectMultiplier: 1,
    myDiscriminator: 9,
    yourDiscriminator: 7,
    desiredMinTx: 300_000,
    requiredMinRx: 5_000_000,
    requiredMinEchoRx: 0,
  });
  clock.setTimer('close', 300, () => session.close());
  clock.advance(60_000);
  expect(closed).toBe(true);
  expect(sentLate).toEqual([]);
});
