import { describe, expect, test } from 'vitest';
import { LiveSession } from '../../src/bfd/live-session.ts';
import { decodePacket } from '../../src/bfd/packet.ts';
import type { SessionSettings } from '../../src/bfd/session-state.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { type RecordedPacket, recordedPackets } from './recording.ts';
import { every } from './support.ts';

/**
 * Moves as `state diagnostic`, from packets. Init does not count: FRR does not tell it at once, and may
 * be up before it would.
 */
const movesOf = (hexes: readonly string[]): readonly string[] => {
  const all = hexes.map((hex) => {
    const packet = decodePacket(Buffer.from(hex, 'hex'));
    return typeof packet === 'string' ? packet : `${packet.state} ${packet.diagnostic}`;
  });
  const lasting = all.filter((move) => !move.startsWith('init'));
  return lasting.filter((move, index) => move !== lasting[index - 1]);
};

/** Our state machine in the place of `own`: hears what FRR heard when it heard it. */
function inPlaceOf(own: string, packets: readonly RecordedPacket[], settings: SessionSettings) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const [first] = packets.filter(({ from }) => from === own);
  const live = new LiveSession({
    clock,
    random: seededRandom(1),
    discriminator: Number.parseInt(first?.my ?? '', 16),
    settings,
    port: { send: (bytes) => sent.push(bytes.toString('hex')), close: () => {} },
    changed: () => {},
  });
  for (const { t_ms, to, hex } of packets) {
    if (to !== own) continue;
    clock.advance(t_ms - clock.now());
    const packet = decodePacket(Buffer.from(hex, 'hex'));
    if (typeof packet === 'string') throw new Error(packet);
    live.receive(packet);
  }
  clock.advance(6000);
  return sent;
}

describe("in the place of one of FRR's two speakers", () => {
  test.each([
    ['10.0.1.1', 3784, every(300, 300, 3)],
    ['fd00:11::1', 3784, every(250, 200, 4)],
    ['10.0.1.1', 4784, every(500, 500, 3)],
  ] as const)('%s port %i: the session takes the same course', (own, port, settings) => {
    const packets = recordedPackets.filter(
      ({ from, to, toPort }) => toPort === port && (from === own || to === own),
    );
    const sent = inPlaceOf(own, packets, settings);
    const theirs = packets.filter(({ from }) => from === own).map(({ hex }) => hex);
    expect(movesOf(sent)).toEqual(movesOf(theirs));
  });
});
