import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storedMetric } from '../../src/kernel/kernel.ts';
import {
  NetlinkFormatError,
  type NetlinkMessage,
  NetlinkWriter,
  NLMSG_DONE,
  readAnswer,
  readMessages,
} from '../../src/kernel/netlink-message.ts';
import { decodeAddress, decodeLink } from '../../src/kernel/rtnetlink-link.ts';
import {
  decodeRoute,
  encodeRoute,
  type RawNextHop,
  type RawRoute,
  ROUTE_SKIPS,
} from '../../src/kernel/rtnetlink-route.ts';
import { formatAddress } from '../../src/net/address.ts';
import { formatPrefix, maskedPrefix, type Prefix } from '../../src/net/prefix.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

interface Recording {
  readonly datagrams: readonly string[];
  readonly decoded: readonly unknown[];
}

const recording = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`../../fixtures/kernel/${name}.json`, import.meta.url), 'utf8'));

function messagesOf(bytes: Buffer): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  readMessages(bytes, 0, bytes.length, (message) => messages.push(message));
  return messages;
}

/** A decoded value as JSON, with its prefix as text. */
function readable(value: object | number | undefined): unknown {
  if (typeof value === 'number') return `skip: ${ROUTE_SKIPS[value]?.name}`;
  if (value === undefined) return 'skip';
  const shown = 'prefix' in value ? { ...value, prefix: prefixText(value.prefix) } : value;
  return JSON.parse(JSON.stringify(shown));
}

const prefixText = (prefix: unknown): string => formatPrefix(prefix as Prefix);

describe('recorded dumps', () => {
  test.each([
    ['ipv4-routes', decodeRoute],
    ['ipv6-routes', decodeRoute],
    ['links', decodeLink],
    ['addresses', decodeAddress],
  ] as const)('of %s decode to what iproute2 shows', (name, decode) => {
    const { datagrams, decoded } = recording(name);
    const messages = datagrams.flatMap((hex) => messagesOf(Buffer.from(hex, 'hex')));
    const payload = messages.filter((message) => message.type !== NLMSG_DONE);
    expect(payload.map((message) => readable(decode(message)))).toEqual(decoded);
    expect(messages.at(-1)?.type).toBe(NLMSG_DONE);
  });

  test('with up to four octets changed decode or are refused as malformed', () => {
    const samples = ['ipv4-routes', 'ipv6-routes', 'links', 'addresses'].flatMap(
      (name) => recording(name).datagrams,
    );
    const change = fc.record({ at: fc.nat(), value: fc.nat(255) });
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), changes, fc.nat(), (hex, edits, cut) => {
        const whole = Buffer.from(hex, 'hex');
        for (const { at, value } of edits) whole[at % whole.length] = value;
        expectDecodedOrRefused(cut % 3 === 0 ? whole.subarray(0, cut % whole.length) : whole);
      }),
      { numRuns },
    );
  });

  test('and any other octets decode or are refused as malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        expectDecodedOrRefused(Buffer.from(bytes)),
      ),
      { numRuns },
    );
  });
});

function expectDecodedOrRefused(bytes: Buffer): void {
  try {
    for (const message of messagesOf(bytes)) {
      for (const decode of [decodeRoute, decodeLink, decodeAddress, readAnswer]) {
        try {
          decode(message);
        } catch (error) {
          expect(error).toBeInstanceOf(NetlinkFormatError);
        }
      }
    }
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkFormatError);
  }
}

const addressOf = (size: 4 | 16): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map(formatAddress);

const hopOf = (size: 4 | 16): fc.Arbitrary<RawNextHop> =>
  fc.record({
    gateway: fc.oneof(addressOf(size), addressOf(16)),
    index: fc.integer({ min: 1, max: 0x7fffffff }),
    onlink: fc.boolean(),
    weight: fc.integer({ min: 1, max: 256 }),
  });

const routeOfSize = (size: 4 | 16): fc.Arbitrary<RawRoute> => {
  const prefix = fc
    .tuple(fc.uint8Array({ minLength: size, maxLength: size }), fc.nat(size * 8))
    .map(([address, length]) => maskedPrefix(address, length));
  const numbers = {
    metric: fc.nat(0xffffffff),
    protocol: fc.nat(255),
    table: fc.integer({ min: 1, max: 0xffffffff }),
  };
  const single = hopOf(size).map((hop) => [{ ...hop, weight: 1 }]);
  const several = fc.array(hopOf(size), { minLength: 2, maxLength: 40 });
  const nextHops = fc.oneof(single, several);
  const special = fc.constantFrom('blackhole', 'unreachable', 'prohibit' as const);
  return fc.oneof(
    fc.record({ prefix, type: fc.constant('unicast' as const), nextHops, ...numbers }),
    fc.record({ prefix, type: special, nextHops: fc.constant([]), ...numbers }),
  );
};

describe('a route request', () => {
  test('decodes to the route it was made of', () => {
    fc.assert(
      fc.property(fc.oneof(routeOfSize(4), routeOfSize(16)), fc.nat(), (route, sequence) => {
        const out = new NetlinkWriter();
        encodeRoute(out, 'add', route, sequence);
        encodeRoute(out, 'replace', route, sequence + 1);
        const messages = messagesOf(out.take());
        expect(messages.map((message) => message.sequence)).toEqual([sequence, sequence + 1]);
        const metric = storedMetric(route.prefix, route.metric);
        for (const message of messages) {
          expect(readable(decodeRoute(message))).toEqual(readable({ ...route, metric }));
        }
      }),
      { numRuns },
    );
  });
});

describe('an answer', () => {
  const answer = (hex: string): NetlinkMessage => {
    const [message] = messagesOf(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    if (message === undefined) throw new TypeError(hex);
    return message;
  };
  const request = '34000000 1800 0506 07000000 00000000';

  test('of zero is success', () => {
    const success = answer(`24000000 0200 0001 07000000 39300000 00000000 ${request}`);
    expect(readAnswer(success)).toEqual({ errno: 0, message: undefined });
  });

  test("carries the kernel's own words", () => {
    const words = Buffer.from('no way\0\0').toString('hex');
    const refusal = `30000000 0200 0003 07000000 39300000 9bffffff ${request} 0b00 0100 ${words}`;
    expect(readAnswer(answer(refusal))).toEqual({ errno: 101, message: 'no way' });
  });

  test.each([
    ['a message that is longer than its datagram', `64000000 0200 0000 07000000 00000000`],
    ['a message shorter than its header', `0f000000 0200 0000 07000000 00000000`],
    ['half a header', `10000000 0200`],
    ['an answer without error number', `10000000 0200 0000 07000000 00000000`],
    ['words without a request', `18000000 0200 0003 07000000 00000000 9bffffff 00000000`],
  ])('is refused when it is %s', (_what, hex) => {
    expect(() => decodeAnswers(hex)).toThrow(NetlinkFormatError);
  });

  const decodeAnswers = (hex: string): unknown =>
    messagesOf(Buffer.from(hex.replaceAll(' ', ''), 'hex')).map(readAnswer);
});
