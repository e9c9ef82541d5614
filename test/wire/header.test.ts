import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameLength, messageTypeAt } from '../../src/wire/header.ts';
import { encodeKeepalive } from '../../src/wire/keepalive.ts';
import { messageName } from '../../src/wire/message.ts';
import { hex, message, octets } from './fixtures.ts';
import { RUNS } from './generators.ts';

const frame = (bytes: Buffer, max = 4096) => frameLength(bytes, 0, bytes.length, max);

const header = (length: number, type: number): Buffer => {
  const bytes = message(type, '');
  bytes.writeUInt16BE(length, 16);
  return bytes;
};

describe('framing', () => {
  test('waits for the whole message and then tells its length', () => {
    const bytes = message(2, '00000000');
    for (let end = 0; end < bytes.length; end++) {
      expect(frameLength(bytes, 0, end, 4096)).toBe(0);
    }
    expect(frame(bytes)).toBe(23);
  });

  test('finds a message behind others', () => {
    const bytes = Buffer.concat([encodeKeepalive(), message(2, '00000000'), hex('ffff')]);
    expect(frame(bytes)).toBe(19);
    expect(messageTypeAt(bytes, 0)).toBe(4);
    expect(frameLength(bytes, 19, bytes.length, 4096)).toBe(23);
    expect(frameLength(bytes, 42, bytes.length, 4096)).toBe(0);
  });

  test('refuses another protocol at its first octet', () => {
    expect(frame(Buffer.from('G'))).toMatchObject({ code: 1, subcode: 1, reason: 'bad-marker' });
  });

  test.each([
    [0, 4, '0000'],
    [18, 4, '0012'],
    [20, 4, '0014'],
    [22, 2, '0016'],
    [28, 1, '001c'],
    [22, 5, '0016'],
    [4097, 2, '1001'],
  ])('refuses length %i of type %i with 1/2', (length, type, data) => {
    expect(frame(header(length, type))).toMatchObject({ code: 1, subcode: 2, data: octets(data) });
  });

  test.each([0, 6, 255])('refuses type %i with 1/3', (type) => {
    expect(frame(header(19, type))).toMatchObject({
      code: 1,
      subcode: 3,
      data: Uint8Array.of(type),
    });
  });

  test('takes 65,535 octets with extended messages, but not for an OPEN', () => {
    expect(frame(header(65535, 2), 65535)).toBe(0);
    expect(frame(header(4097, 3), 65535)).toBe(0);
    expect(frame(header(4097, 1), 65535)).toMatchObject({ code: 1, subcode: 2 });
  });

  test('leaves a NOTIFICATION that is too short to its decoder', () => {
    expect(frame(header(19, 3))).toBe(19);
  });

  test('says the same however much has arrived', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (octets, first) => {
        const bytes = Buffer.concat([Buffer.alloc(16, 0xff), octets]);
        const early = frameLength(bytes, 0, Math.min(first, bytes.length), 4096);
        if (early !== 0) expect(frame(bytes)).toEqual(early);
      }),
      RUNS,
    );
  });

  test('has a name for every type', () => {
    expect([1, 2, 3, 4, 5, 77].map(messageName)).toEqual([
      'OPEN',
      'UPDATE',
      'NOTIFICATION',
      'KEEPALIVE',
      'ROUTE_REFRESH',
      'type 77',
    ]);
  });
});
