import { describe, expect, test } from 'vitest';
import type { Capability } from '../../src/wire/capabilities/table.ts';
import { decodeOpen, encodeOpen, openAsn } from '../../src/wire/open.ts';
import { message } from './fixtures.ts';

const FIXED = '04 fde9 005a c0000201';
const MP_IPV4 = '0104 0001 0001';
const AS4 = '4104 0000fde9';

const decode = (body: string) => {
  const bytes = message(1, body);
  return decodeOpen(bytes, 0, bytes.length);
};

const refusal = (code: number, subcode: number, reason: string) =>
  expect.objectContaining({ name: 'MessageError', code, subcode, reason });

const BASE = { version: 4, asn: 65001, holdTime: 90, bgpId: 0xc0000201 };

describe('OPEN', () => {
  test('keeps the capabilities in order, repeated and unknown ones too', () => {
    const open = decode(`${FIXED} 16 0206 ${MP_IPV4} 0206 ${AS4} 0202 8000 0200`);
    expect(open.capabilities).toEqual([
      { type: 'multiprotocol', afi: 1, safi: 1 },
      { type: 'as4', asn: 65001 },
      { type: 'unknown', code: 128, value: new Uint8Array(0) },
    ]);
  });

  test.each([
    ['another version', '03 fde9 005a c0000201 00', 2, 1, 'bad-version'],
    ['AS 0', '04 0000 005a c0000201 00', 2, 2, 'as-zero-peer'],
    ['AS 0 in four octets', `${FIXED} 08 0206 4104 00000000`, 2, 2, 'as-zero-peer'],
    ['identifier 0', '04 fde9 005a 00000000 00', 2, 3, 'bad-bgp-id'],
    ['hold time 1', '04 fde9 0001 c0000201 00', 2, 6, 'bad-hold-time'],
    ['hold time 2', '04 fde9 0002 c0000201 00', 2, 6, 'bad-hold-time'],
    ['an unknown parameter', `${FIXED} 02 c800`, 2, 4, 'unknown-parameter'],
    ['parameters longer than the message', `${FIXED} 05 0202 8000`, 2, 0, 'malformed-parameters'],
    ['parameters shorter than the message', `${FIXED} 03 0202 8000`, 2, 0, 'malformed-parameters'],
    ['octets behind no parameters', `${FIXED} 00 0202 8000`, 2, 0, 'malformed-parameters'],
    ['a parameter length without a parameter', `${FIXED} 05`, 2, 0, 'malformed-parameters'],
    ['a capability that overruns', `${FIXED} 04 0202 4001`, 2, 0, 'malformed-parameters'],
    [
      'an AS4 capability of 2 octets',
      `${FIXED} 06 0204 4102 fde9`,
      2,
      0,
      'malformed-as4-capability',
    ],
    ['type 255 further on', `${FIXED} 06 0202 8000 ff00`, 2, 4, 'unknown-parameter'],
  ])('refuses %s', (_what, body, code, subcode, reason) => {
    expect(() => decode(body)).toThrow(refusal(code, subcode, reason));
  });

  test('names version 4 to a peer with another', () => {
    expect(() => decode('05 fde9 005a c0000201 00')).toThrow(
      expect.objectContaining({ data: Uint8Array.of(0, 4) }),
    );
  });

  test.each([
    ['multiprotocol', '0103 000100'],
    ['route refresh', '0201 00'],
    ['extended next hop', '0505 0001000100'],
    ['extended message', '0601 00'],
    ['role', '0900'],
    ['graceful restart', '4003 007800'],
    ['add-path', '4503 000101'],
    ['enhanced refresh', '4601 00'],
    ['long-lived graceful restart', '4706 000101800000'],
    ['host name', '4902 0561'],
    ['software version', '4b02 0541'],
  ])('ignores and reports a %s capability of wrong length', (_name, capability) => {
    const length = capability.replaceAll(' ', '').length / 2;
    const octet = (value: number) => value.toString(16).padStart(2, '0');
    const open = decode(`${FIXED} ${octet(length + 2)} 02${octet(length)} ${capability}`);
    expect(open.capabilities).toEqual([]);
    expect(open.ignored).toHaveLength(1);
  });

  test('ignores add-path entries of an unknown mode only', () => {
    const open = decode(`${FIXED} 0c 020a 4508 00010104 00020103`);
    expect(open.capabilities).toEqual([
      { type: 'add-path', families: [{ afi: 2, safi: 1, mode: 3 }] },
    ]);
  });

  test.each([
    ['ff', '255 in both octets'],
    ['01', 'another length octet'],
  ])('reads the extended form of RFC 9072 with %s (%s)', (lengthOctet) => {
    const open = decode(`${FIXED} ${lengthOctet} ff 0009 02 0006 ${AS4}`);
    expect(open).toMatchObject({ extendedParameters: true });
    expect(openAsn(open)).toBe(65001);
  });

  test('sends the extended form only when the old one is too small', () => {
    const filler = (size: number): Capability => ({
      type: 'unknown',
      code: 200,
      value: new Uint8Array(size),
    });
    const old = encodeOpen({ ...BASE, capabilities: [filler(251)] });
    expect([...old.subarray(28, 31)]).toEqual([255, 2, 253]);
    const extended = encodeOpen({ ...BASE, capabilities: [filler(252)] });
    expect([...extended.subarray(28, 35)]).toEqual([255, 255, 1, 1, 2, 0, 254]);
    expect(decodeOpen(extended, 0, extended.length).capabilities).toEqual([filler(252)]);
  });

  test('means the 4-octet AS number where it has one', () => {
    expect(openAsn({ ...BASE, asn: 23456, capabilities: [{ type: 'as4', asn: 4200000001 }] })).toBe(
      4200000001,
    );
    expect(openAsn({ ...BASE, capabilities: [] })).toBe(65001);
  });

  test('cuts a long host name between characters', () => {
    const bytes = encodeOpen({
      ...BASE,
      capabilities: [{ type: 'fqdn', hostName: 'é'.repeat(40), domainName: 'a'.repeat(70) }],
    });
    expect(decodeOpen(bytes, 0, bytes.length).capabilities).toEqual([
      { type: 'fqdn', hostName: 'é'.repeat(32), domainName: 'a'.repeat(64) },
    ]);
  });
});
