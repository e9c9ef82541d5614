import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../src/net/prefix.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { encodeRouteRefresh, REFRESH_REQUEST } from '../../src/wire/route-refresh.ts';
import { encodeUpdate, endOfRib, type Nlri } from '../../src/wire/update.ts';
import {
  MP_REACH_OVERHEAD,
  MP_UNREACH_OVERHEAD,
  UPDATE_OVERHEAD,
} from '../../src/wire/update-writer.ts';
import { context, hex } from './fixtures.ts';

const route = (text: string): Nlri => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(text);
  return { prefix };
};

/** Attributes of a route with the next hop given. */
function attributes(nextHop: Uint8Array) {
  const block = hex('40010100 4002060201 0000fde9 400304c0000201 40050400000064');
  const decoded = decodeAttributes(block, 0, block.length, context(), 'classic');
  if (decoded.disposition === 'reset') throw decoded.error;
  return { ...decoded.attributes, nextHop };
}

const IPV6_NEXT_HOP = Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1);
const IPV4_NEXT_HOP = Uint8Array.of(192, 0, 2, 1);

const bodyOf = (bytes: Buffer): string => bytes.toString('hex', 19);

describe('an encoded UPDATE', () => {
  test('announces IPv4 in the NLRI field', () => {
    const bytes = encodeUpdate(
      {
        type: 'announce',
        family: 'ipv4-unicast',
        routes: [route('203.0.113.0/24')],
        attributes: attributes(IPV4_NEXT_HOP),
      },
      context(),
    );
    expect(bodyOf(bytes)).toBe(
      '0000001b4001010040020602010000fde9400304c00002014005040000006418cb0071',
    );
  });

  test('announces IPv6 in MP_REACH_NLRI, which comes first', () => {
    const bytes = encodeUpdate(
      {
        type: 'announce',
        family: 'ipv6-unicast',
        routes: [route('2001:db8:77::/48')],
        attributes: attributes(IPV6_NEXT_HOP),
      },
      context(),
    );
    expect(bodyOf(bytes)).toBe(
      '00000034900e001c0002011020010db8000000000000000000000001003020010db80077' +
        '4001010040020602010000fde940050400000064',
    );
    expect(bytes).toHaveLength(UPDATE_OVERHEAD + MP_REACH_OVERHEAD + 16 + 7 + 20);
  });

  test('announces IPv4 with an IPv6 next hop in MP_REACH_NLRI (RFC 8950)', () => {
    const bytes = encodeUpdate(
      {
        type: 'announce',
        family: 'ipv4-unicast',
        routes: [route('203.0.113.0/24')],
        attributes: attributes(IPV6_NEXT_HOP),
      },
      context(),
    );
    expect(bodyOf(bytes)).toContain('900e001900010110');
    expect(bodyOf(bytes)).not.toContain('400304');
  });

  test('withdraws each family in its place', () => {
    const routes = [route('203.0.113.0/24'), route('198.51.100.0/25')];
    const ipv4 = encodeUpdate({ type: 'withdraw', family: 'ipv4-unicast', routes }, context());
    expect(bodyOf(ipv4)).toBe('000918cb007119c63364000000');
    const ipv6 = encodeUpdate(
      { type: 'withdraw', family: 'ipv6-unicast', routes: [route('2001:db8::/32')] },
      context(),
    );
    expect(bodyOf(ipv6)).toBe('0000000c900f00080002012020010db8');
    expect(ipv6).toHaveLength(UPDATE_OVERHEAD + MP_UNREACH_OVERHEAD + 5);
  });

  test('ends a RIB as RFC 4724 says', () => {
    expect(bodyOf(endOfRib('ipv4-unicast'))).toBe('00000000');
    expect(bodyOf(endOfRib('ipv6-unicast'))).toBe('00000006800f03000201');
  });
});

test('a route refresh asks for one family', () => {
  expect(bodyOf(encodeRouteRefresh(2, 1, REFRESH_REQUEST))).toBe('00020001');
});
