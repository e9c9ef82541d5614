import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalAddress,
  formatAddress,
  formatIpv4Number,
  isLinkLocal,
  parseAddress,
  parseIpv4Number,
  unmapped,
} from '../../src/net/address.ts';

describe('addresses', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['FD00::0003', 'fd00::3'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.1.2',
    '1:2:3:4:5:6:7',
    '1::2::3',
    '12345::',
    ':1',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
    '10.0.0.1/8',
    '1.2.3.4::',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('round-trips every address', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(bytes, (octets) => {
        const address = Uint8Array.from(octets);
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  test('router ids are dotted quads', () => {
    expect(parseIpv4Number('255.0.0.1')).toBe(0xff000001);
    expect(formatIpv4Number(0xff000001)).toBe('255.0.0.1');
    expect(parseIpv4Number('fd00::1')).toBeUndefined();
  });

  test('a mapped address is unmapped, others stay', () => {
    expect(unmapped('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(unmapped('fd00::1')).toBe('fd00::1');
  });

  test('link-local is fe80::/10', () => {
    const at = (text: string) => isLinkLocal(parseAddress(text) ?? new Uint8Array(4));
    expect([at('fe80::1'), at('febf::1'), at('fec0::1'), at('169.254.0.1')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
