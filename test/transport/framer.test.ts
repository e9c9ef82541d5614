import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Framer } from '../../src/transport/framer.ts';
import { keepalive, messageOf, someUpdates } from './messages.ts';
import { hexOf, Recorder } from './recorder.ts';

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 100) };
const never = (): boolean => false;

/** Lends a chunk, the beginning of a longer buffer, for the time of a call. */
function push(framer: Framer, chunk: Buffer, call: () => void): void {
  const lent = Buffer.concat([chunk, keepalive]);
  framer.push(lent, chunk.length);
  call();
  framer.keep();
  lent.fill(0);
}

function feed(chunks: readonly Buffer[], maxMessage = 4096): Recorder {
  const framer = new Framer();
  const recorder = new Recorder();
  framer.maxMessage = maxMessage;
  for (const chunk of chunks) {
    push(framer, chunk, () => framer.deliver(recorder, never));
  }
  return recorder;
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places)].sort((a, b) => a - b);
  return [0, ...ends].map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
}

describe('framer', () => {
  test('hands over 200 messages of one segment in order', () => {
    const messages = someUpdates(200);
    expect(feed([Buffer.concat(messages)]).messages).toEqual(hexOf(messages));
  });

  test('puts messages together that come one octet at a time', () => {
    const messages = [keepalive, ...someUpdates(3), keepalive];
    const octets = [...Buffer.concat(messages)].map((octet) => Buffer.from([octet]));
    expect(feed(octets).messages).toEqual(hexOf(messages));
  });

  test('gives the same messages wherever two segments meet', () => {
    const messages = [messageOf(2, 60, 1), keepalive, messageOf(2, 41, 2)];
    const bytes = Buffer.concat(messages);
    for (let at = 1; at < bytes.length; at++) {
      expect(feed(cutAt(bytes, [at])).messages).toEqual(hexOf(messages));
    }
  });

  test('keeps what it did not come to of chunks that were only lent', () => {
    const messages = someUpdates(100);
    const framer = new Framer();
    const recorder = new Recorder();
    for (const chunk of cutAt(Buffer.concat(messages), [500, 1100])) {
      push(framer, chunk, () => framer.deliver(recorder, () => true));
    }
    expect(recorder.messages.length).toBeLessThan(messages.length);
    framer.deliver(recorder, never);
    expect(recorder.messages).toEqual(hexOf(messages));
  });

  test('gives the same calls for any bytes, however they are cut', () => {
    const message = fc.oneof(
      fc.integer({ min: 23, max: 600 }).map((length) => messageOf(2, length, length)),
      fc.constant(keepalive),
      fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    );
    const stream = fc.array(message, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(2000)), (messages, places) => {
        const bytes = Buffer.concat(messages);
        const inside = places.filter((at) => at > 0 && at < bytes.length);
        expect(feed(cutAt(bytes, inside)).log).toEqual(feed([bytes]).log);
      }),
      RUNS,
    );
  });

  test('lends a whole message from the segment itself, without a copy', () => {
    const segment = Buffer.concat([keepalive, keepalive]);
    const framer = new Framer();
    const buffers: Buffer[] = [];
    framer.push(segment, segment.length);
    framer.deliver(
      Object.assign(new Recorder(), { message: (bytes: Buffer) => buffers.push(bytes) }),
      never,
    );
    expect(buffers).toEqual([segment, segment]);
    expect(buffers.every((bytes) => bytes === segment)).toBe(true);
  });

  test('takes a message of exactly 4096 octets and refuses one more', () => {
    expect(feed([messageOf(2, 4096)]).count).toBe(1);
    expect(feed([messageOf(2, 4097)]).log).toEqual(['malformed 1/2 1001']);
  });

  test('takes 65535 octets once extended messages are on', () => {
    expect(feed([messageOf(2, 65535)], 65535).count).toBe(1);
  });

  test('refuses a length of 18 and a KEEPALIVE of 20 with the length as data', () => {
    const short = messageOf(4);
    short.writeUInt16BE(18, 16);
    expect(feed([short]).log).toEqual(['malformed 1/2 0012']);
    expect(feed([messageOf(4, 20)]).log).toEqual(['malformed 1/2 0014']);
  });

  test('refuses an unknown type with the type as data', () => {
    expect(feed([messageOf(6)]).log).toEqual(['malformed 1/3 06']);
  });

  test('knows an HTTP request for garbage before a header is complete', () => {
    expect(feed([Buffer.from('GET / HTTP/1.0\r\n')]).log).toEqual(['malformed 1/1']);
  });

  test('hands over what stood before the bad header and nothing after it', () => {
    const bytes = Buffer.concat([keepalive, Buffer.alloc(19), keepalive]);
    expect(feed([bytes, keepalive]).log).toEqual(['message', 'malformed 1/1']);
  });

  test('stops in the middle of a segment when halted, and goes on from there', () => {
    const framer = new Framer();
    const recorder = new Recorder();
    recorder.onMessage = () => {
      framer.halted = true;
    };
    framer.push(Buffer.concat([keepalive, keepalive]), 2 * keepalive.length);
    framer.deliver(recorder, never);
    framer.push(keepalive, keepalive.length);
    framer.deliver(recorder, never);
    expect(recorder.count).toBe(1);
    expect(framer.backlog).toBe(true);
    recorder.onMessage = () => {};
    framer.halted = false;
    framer.deliver(recorder, never);
    expect(recorder.count).toBe(3);
    expect(framer.backlog).toBe(false);
  });

  test('keeps the order of what is pushed when the chunk before is just used up', () => {
    const messages = [keepalive, messageOf(2, 60, 1), messageOf(2, 41, 2)];
    const framer = new Framer();
    const recorder = new Recorder();
    recorder.onMessage = () => {
      framer.halted = true;
    };
    framer.halted = true;
    for (const message of messages.slice(0, 2)) push(framer, message, () => {});
    framer.halted = false;
    framer.deliver(recorder, never);
    push(framer, messages[2] as Buffer, () => {});
    recorder.onMessage = () => {};
    framer.halted = false;
    framer.deliver(recorder, never);
    expect(recorder.messages).toEqual(hexOf(messages));
  });

  test('stops when the slice is used up and keeps the rest', () => {
    const framer = new Framer();
    const recorder = new Recorder();
    framer.push(Buffer.concat(Array<Buffer>(100).fill(keepalive)), 100 * keepalive.length);
    framer.deliver(recorder, () => true);
    expect(recorder.count).toBeLessThan(100);
    expect(framer.backlog).toBe(true);
  });
});
