import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afiOf, type Family } from '../../src/net/family.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { decodeLine } from '../../src/wire/decode-line.ts';
import { encodeAttributes } from '../../src/wire/encode-attributes.ts';
import { frameLength } from '../../src/wire/header.ts';
import { nlriEnd, readPathId, readPrefix } from '../../src/wire/nlri.ts';
import { decodeNotification, encodeNotification } from '../../src/wire/notification.ts';
import { decodeOpen, encodeOpen } from '../../src/wire/open.ts';
import type { CodecContext } from '../../src/wire/path-attributes.ts';
import { decodeRouteRefresh, encodeRouteRefresh } from '../../src/wire/route-refresh.ts';
import { encodeUpdate, type Nlri } from '../../src/wire/update.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';
import { attributesOf, codecContext, openMessage, RUNS, updateContent } from './generators.ts';

const wholeFrame = (bytes: Buffer): number | object => frameLength(bytes, 0, bytes.length, 65535);

/** The prefixes of a scanned range, read without bounds checks as the RIB does. */
function routesIn(
  bytes: Buffer,
  start: number,
  end: number,
  family: Family,
  { addPath }: CodecContext,
): Nlri[] {
  const routes: Nlri[] = [];
  for (let at = start; at < end; at = nlriEnd(bytes, at)) {
    const pathId = addPath.includes(family) ? readPathId(bytes, at) : undefined;
    if (pathId !== undefined) at += 4;
    const prefix = readPrefix(bytes, at, family);
    routes.push(pathId === undefined ? { prefix } : { prefix, pathId });
  }
  return routes;
}

describe('what is encoded', () => {
  test('decodes to the same OPEN', () => {
    fc.assert(
      fc.property(openMessage, (open) => {
        const bytes = encodeOpen(open);
        expect(wholeFrame(bytes)).toBe(bytes.length);
        const { ignored, raw, extendedParameters, ...decoded } = decodeOpen(bytes, 0, bytes.length);
        expect(decoded).toEqual(open);
        expect(ignored).toEqual([]);
        expect(raw).toHaveLength(open.capabilities.length);
        expect(extendedParameters).toBe(bytes[28] === 255 && bytes[29] === 255);
      }),
      RUNS,
    );
  });

  test('decodes to the same NOTIFICATION', () => {
    const octet = fc.nat(255);
    fc.assert(
      fc.property(octet, octet, fc.uint8Array({ maxLength: 300 }), (code, subcode, data) => {
        const bytes = encodeNotification(code, subcode, data);
        expect(wholeFrame(bytes)).toBe(bytes.length);
        expect(decodeNotification(bytes, 0, bytes.length)).toEqual({ code, subcode, data });
      }),
      RUNS,
    );
  });

  test('decodes to the same ROUTE-REFRESH', () => {
    fc.assert(
      fc.property(fc.nat(65535), fc.nat(255), fc.nat(255), (afi, safi, subtype) => {
        const bytes = encodeRouteRefresh(afi, safi, subtype);
        expect(wholeFrame(bytes)).toBe(bytes.length);
        const refresh = decodeRouteRefresh(bytes, 0, bytes.length);
        expect(refresh).toEqual({ afi, safi, subtype, orf: new Uint8Array(0) });
      }),
      RUNS,
    );
  });

  test('decodes to the same UPDATE, with and without path ids, in both AS modes', () => {
    fc.assert(
      fc.property(updateContent, codecContext, (content, context) => {
        const bytes = encodeUpdate(content, context);
        expect(wholeFrame(bytes)).toBe(bytes.length);
        const scan = new UpdateScan();
        expect(scanUpdate(bytes, 0, bytes.length, context, scan)).toBeUndefined();
        const { family, routes } = content;
        const sent = routes.map(({ prefix, pathId }) =>
          context.addPath.includes(family) ? { prefix, pathId } : { prefix },
        );
        const found = [
          [scan.withdrawnStart, scan.withdrawnEnd, 'withdraw', 1],
          [scan.nlriStart, scan.nlriEnd, 'announce', 1],
          [scan.unreachNlriStart, scan.unreachNlriEnd, 'withdraw', 2],
          [scan.reachNlriStart, scan.reachNlriEnd, 'announce', 2],
        ] as const;
        for (const [start, end, type, afi] of found) {
          const mine = type === content.type && afi === afiOf(family);
          expect(routesIn(bytes, start, end, family, context)).toEqual(mine ? sent : []);
        }
        if (content.type === 'withdraw') return;
        const reachable = family === 'ipv4-unicast' ? 'classic' : 'mp';
        const { attributesStart, attributesEnd } = scan;
        expect(
          decodeAttributes(bytes, attributesStart, attributesEnd, context, reachable),
        ).toMatchObject({ disposition: 'accept', remedies: [], attributes: content.attributes });
      }),
      RUNS,
    );
  });

  test('encodes again to the same attribute block', () => {
    fc.assert(
      fc.property(attributesOf('ipv4-unicast'), codecContext, (attributes, context) => {
        const block = encodeAttributes(attributes, context);
        const decoded = decodeAttributes(block, 0, block.length, context, 'classic');
        if (decoded.disposition !== 'accept') throw new Error(decoded.disposition);
        expect(encodeAttributes(decoded.attributes, context)).toEqual(block);
      }),
      RUNS,
    );
  });
});

describe('what arrives', () => {
  const decode = (bytes: Uint8Array): object | undefined =>
    decodeLine(Buffer.from(bytes).toString('hex'), {
      as4: true,
      addPath: false,
      kind: 'ebgp',
      extendedMessages: true,
    })?.json;

  test('is a message or an error of ours, for any body of any type', () => {
    const body = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), body, (type, octets) => {
        const bytes = Buffer.concat([Buffer.alloc(19, 0xff), octets]);
        bytes.writeUInt16BE(bytes.length, 16);
        bytes.writeUInt8(type, 18);
        expect(Object.keys(decode(bytes) ?? {})[0]).toMatch(/^(?:message|error)$/);
      }),
      RUNS,
    );
  });

  const edit = fc.tuple(fc.constantFrom('flip', 'insert', 'delete', 'cut'), fc.nat(), fc.nat(255));

  test('is a message or an error of ours after any damage to a valid UPDATE or OPEN', () => {
    const valid = fc.oneof(
      fc.tuple(updateContent, codecContext).map(([content, of]) => encodeUpdate(content, of)),
      openMessage.map(encodeOpen),
    );
    fc.assert(
      fc.property(valid, fc.array(edit, { minLength: 1, maxLength: 4 }), (bytes, edits) => {
        let body = [...bytes.subarray(19)];
        for (const [kind, where, octet] of edits) {
          const at = body.length === 0 ? 0 : where % body.length;
          if (kind === 'flip') body[at] = (body[at] ?? 0) ^ octet;
          else if (kind === 'insert') body.splice(at, 0, octet);
          else if (kind === 'delete') body.splice(at, 1);
          else body = body.slice(0, at);
        }
        const damaged = Buffer.concat([bytes.subarray(0, 19), Buffer.from(body)]);
        damaged.writeUInt16BE(damaged.length, 16);
        expect(Object.keys(decode(damaged) ?? {})[0]).toMatch(/^(?:message|error)$/);
      }),
      RUNS,
    );
  });
});
