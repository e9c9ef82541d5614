import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ControlPacket, decodePacket, encodePacket } from '../../src/bfd/packet.ts';
import { recordedPackets } from './recording.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const u32 = fc.nat(0xffffffff);

const packets: fc.Arbitrary<ControlPacket> = fc
  .record({
    state: fc.constantFrom('admin-down' as const, 'down' as const, 'init' as const, 'up' as const),
    diagnostic: fc.nat(31),
    poll: fc.boolean(),
    final: fc.boolean(),
    controlPlaneIndependent: fc.boolean(),
    demand: fc.boolean(),
    detectMultiplier: fc.integer({ min: 1, max: 255 }),
    myDiscriminator: fc.integer({ min: 1, max: 0xffffffff }),
    yourDiscriminator: u32,
    desiredMinTx: u32,
    requiredMinRx: u32,
    requiredMinEchoRx: u32,
  })
  .filter(({ state, yourDiscriminator }) => yourDiscriminator > 0 || state.endsWith('down'));

/** State Down, 1 s both ways, multiplier 3; my discriminator 0x11223344, none of yours. */
const DOWN = '20 40 03 18 11223344 00000000 000f4240 000f4240 00000000';

describe('a BFD Control packet', () => {
  test('survives encoding and decoding', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(decodePacket(encodePacket(packet))).toEqual(packet);
      }),
    );
  });

  test('is read from its own length, whatever pads the datagram', () => {
    expect(decodePacket(bytesOf(`${DOWN} ffff`))).toEqual(decodePacket(bytesOf(DOWN)));
  });

  test.each([
    ['truncated', '20 40 03 18 11223344 00000000 000f4240 000f4240'],
    ['wrong-version', `00${DOWN.slice(2)}`],
    ['wrong-version', `40${DOWN.slice(2)}`],
    ['wrong-length', DOWN.replace('03 18', '03 17')],
    ['wrong-length', DOWN.replace('03 18', '03 1a')],
    ['multiplier-zero', DOWN.replace('03 18', '00 18')],
    ['multipoint', DOWN.replace('40 03', '41 03')],
    ['authenticated', `${DOWN.replace('40 03 18', '44 03 1a')} 0102`],
    ['no-discriminator', DOWN.replace('11223344', '00000000')],
    ['no-session', DOWN.replace('40 03', '80 03')],
    ['no-session', DOWN.replace('40 03', 'c0 03')],
  ])('is discarded (RFC 5880 §6.8.6): %s', (reason, hex) => {
    expect(decodePacket(bytesOf(hex))).toBe(reason);
  });

  test('or any other datagram gives a packet or a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const decoded = decodePacket(Buffer.from(bytes));
        if (typeof decoded === 'string') return;
        expect(encodePacket(decoded).subarray(0, 3)).toEqual(Buffer.from(bytes.subarray(0, 3)));
      }),
    );
  });
});

describe("FRR's packets", () => {
  test('are there', () => {
    expect(recordedPackets.length).toBeGreaterThan(900);
  });

  test('decode as another decoder read them, and encode to the same octets', () => {
    for (const recorded of recordedPackets) {
      const packet = decodePacket(bytesOf(recorded.hex));
      if (typeof packet === 'string') throw new Error(`${packet}: ${recorded.hex}`);
      const flag = (name: string): boolean => recorded.flags.includes(name);
      expect(packet).toEqual({
        state: recorded.state === 'AdminDown' ? 'admin-down' : recorded.state.toLowerCase(),
        diagnostic: recorded.diagnostic,
        poll: flag('P'),
        final: flag('F'),
        controlPlaneIndependent: flag('C'),
        demand: flag('D'),
        detectMultiplier: recorded.detectMultiplier,
        myDiscriminator: Number.parseInt(recorded.my, 16),
        yourDiscriminator: Number.parseInt(recorded.your, 16),
        desiredMinTx: recorded.desiredMinTxUs,
        requiredMinRx: recorded.requiredMinRxUs,
        requiredMinEchoRx: recorded.requiredMinEchoRxUs,
      });
      expect(encodePacket(packet).toString('hex')).toBe(recorded.hex);
    }
  });
});
