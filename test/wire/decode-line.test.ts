import { describe, expect, test } from 'vitest';
import { type DecodeOptions, decodeLine } from '../../src/wire/decode-line.ts';
import { update } from './fixtures.ts';

const OPTIONS: DecodeOptions = {
  as4: true,
  addPath: false,
  kind: 'ibgp',
  extendedMessages: false,
};

const BASIC = '4001010040020602010000fde9400304c000020140050400000064';
const line = update('', BASIC, '18cb0071').toString('hex');

describe('decode', () => {
  test('shows a message without remedies', () => {
    expect(decodeLine(line, OPTIONS)).toEqual({
      wellFormed: true,
      json: {
        message: {
          type: 'UPDATE',
          withdrawn: [],
          attrs: {
            origin: 'IGP',
            asPath: [{ type: 'seq', asns: [65001] }],
            nextHop: '192.0.2.1',
            localPref: 100,
          },
          nlri: ['203.0.113.0/24'],
        },
        remedies: [],
      },
    });
  });

  test('takes the two columns of the recorded streams before the options', () => {
    const withPath = update('', BASIC, '0000000718cb0071').toString('hex');
    expect(decodeLine(`1 1 ${withPath}`, { ...OPTIONS, as4: false })?.json).toMatchObject({
      message: { nlri: [{ prefix: '203.0.113.0/24', pathId: 7 }] },
    });
  });

  test('says what was repaired', () => {
    const bad = update('', `${BASIC}40060101`, '18cb0071').toString('hex');
    expect(decodeLine(bad, OPTIONS)).toMatchObject({
      wellFormed: false,
      json: {
        remedies: [
          {
            attribute: 6,
            remedy: 'attribute-discard',
            reason: 'ATOMIC_AGGREGATE: the length is wrong',
          },
        ],
      },
    });
  });

  test('finds nothing wrong with an unknown non-transitive attribute, or without LOCAL_PREF', () => {
    const sound = update('', `${BASIC.slice(0, -14)}80fd00`, '18cb0071').toString('hex');
    expect(decodeLine(sound, OPTIONS)).toMatchObject({
      wellFormed: true,
      json: { remedies: [{ attribute: 253, remedy: 'attribute-discard' }] },
    });
  });

  test('shows the error that ends the session', () => {
    expect(decodeLine(update('', BASIC, '21').toString('hex'), OPTIONS)).toEqual({
      wellFormed: false,
      json: {
        error: {
          remedy: 'session-reset',
          notification: { code: 3, subcode: 10, dataHex: '' },
          reason: 'a prefix is too long or overruns its field',
        },
      },
    });
  });

  test.each([
    ['xyz', 'not hexadecimal octets'],
    ['abc', 'not hexadecimal octets'],
    ['ffff', 'the message is cut short'],
    [line.slice(0, -2), 'the message is cut short'],
    [`${line}00`, 'octets follow the message'],
  ])('refuses %j: %s', (text, reason) => {
    expect(decodeLine(text, OPTIONS)).toMatchObject({
      wellFormed: false,
      json: { error: { reason } },
    });
  });

  test.each(['', '   ', '# asn4 addPath hexmessage'])('skips %j', (text) => {
    expect(decodeLine(text, OPTIONS)).toBeUndefined();
  });

  test('shows MP attributes of other families as far as they go', () => {
    const evpn = update('', '800e03001946800f03004046', '').toString('hex');
    expect(decodeLine(evpn, OPTIONS)?.json).toMatchObject({
      message: {
        attrs: {
          mpReach: { afi: 25, safi: 70, nextHopHex: '', nlriHex: '' },
          mpUnreach: { afi: 64, safi: 70, withdrawnHex: '' },
        },
      },
    });
  });

  test('reads hexadecimal in groups', () => {
    expect(decodeLine(`${line.slice(0, 32)} ${line.slice(32)}`, OPTIONS)?.wellFormed).toBe(true);
  });

  test('needs --extended for a long message', () => {
    const long = update('', BASIC, '18cb0071'.repeat(1100)).toString('hex');
    expect(decodeLine(long, OPTIONS)?.json).toHaveProperty('error.notification.subcode', 2);
    expect(decodeLine(long, { ...OPTIONS, extendedMessages: true })?.wellFormed).toBe(true);
  });
});
