import { describe, expect, test } from 'vitest';
import {
  decodeNotification,
  describeNotification,
  shutdownCommunication,
  shutdownData,
  unwrapHardReset,
} from '../../src/wire/notification.ts';
import { notificationName } from '../../src/wire/notification-codes.ts';
import { checkEnhancedRefresh } from '../../src/wire/route-refresh.ts';
import { hex, message } from './fixtures.ts';

const cease = (subcode: number, data: Uint8Array) => ({ code: 6, subcode, data });

describe('NOTIFICATION', () => {
  test.each([
    [6, 10, 'Cease: BFD Down'],
    [2, 11, 'OPEN Message Error: Role Mismatch'],
    [4, 0, 'Hold Timer Expired'],
    [8, 0, 'Send Hold Timer Expired'],
    [3, 99, 'UPDATE Message Error: subcode 99'],
    [77, 3, 'code 77, subcode 3'],
  ])('calls %i/%i %s', (code, subcode, name) => {
    expect(notificationName(code, subcode)).toBe(name);
  });

  test.each(['', '06'])('reads what a message cut short to %j has', (body) => {
    const bytes = message(3, body);
    const code = body === '' ? 0 : 6;
    const data = new Uint8Array(0);
    expect(decodeNotification(bytes, 0, bytes.length)).toEqual({ code, subcode: 0, data });
  });

  test('carries a shutdown communication of up to 128 octets', () => {
    const data = shutdownData('maintenance');
    expect(shutdownCommunication(cease(2, data))).toBe('maintenance');
    expect(shutdownData('x'.repeat(200))).toHaveLength(129);
    expect(shutdownCommunication(cease(4, shutdownData('é'.repeat(100))))).toBe('é'.repeat(64));
    const odd = shutdownData(`x${'é'.repeat(100)}`);
    expect(shutdownCommunication(cease(4, odd))).toBe(`x${'é'.repeat(63)}`);
  });

  test('takes 255 octets of text', () => {
    const text = 'y'.repeat(255);
    expect(shutdownCommunication(cease(2, Buffer.from(`\xff${text}`, 'latin1')))).toBe(text);
  });

  test.each([
    ['control characters', '05 611b5b32 4a', 'a\ufffd[2J'],
    ['a line separator', '03 e280a8', '\ufffd'],
    ['a direction override', '03 e280ae', '\ufffd'],
    ['a length that lies', 'c8 616263', '0xc8616263'],
    ['bytes that are not UTF-8', '02 c328', '0x02c328'],
  ])('makes %s safe to show', (_what, data, text) => {
    expect(shutdownCommunication(cease(2, hex(data)))).toBe(text);
  });

  test('has no text where RFC 9003 puts none', () => {
    expect(shutdownCommunication(cease(2, new Uint8Array(0)))).toBeUndefined();
    expect(shutdownCommunication(cease(2, hex('00')))).toBeUndefined();
    expect(shutdownCommunication(cease(3, shutdownData('text')))).toBeUndefined();
    expect(shutdownCommunication({ code: 3, subcode: 2, data: hex('0161') })).toBeUndefined();
  });

  test('looks into a Hard Reset', () => {
    const hard = cease(9, Uint8Array.of(6, 2, ...shutdownData('bye')));
    expect(unwrapHardReset(hard)).toMatchObject({ code: 6, subcode: 2 });
    expect(describeNotification(hard)).toBe(
      'Cease: Hard Reset (Cease: Administrative Shutdown): "bye"',
    );
    const bare = cease(9, Uint8Array.of(6));
    expect(unwrapHardReset(bare)).toBe(bare);
    expect(describeNotification(bare)).toBe('Cease: Hard Reset');
  });
});

describe('enhanced ROUTE-REFRESH', () => {
  const check = (body: string) => {
    const bytes = message(5, body);
    return checkEnhancedRefresh(bytes, 0, bytes.length);
  };

  test.each(['00010101', '00010201', '0001000101', '0001ff0101'])('accepts %s', (body) => {
    expect(check(body)).toBeUndefined();
  });

  test.each(['0001010100', '0001020100'])('refuses %s with 7/1 and the message', (body) => {
    expect(check(body)).toMatchObject({
      code: 7,
      subcode: 1,
      data: new Uint8Array(message(5, body)),
    });
  });
});
