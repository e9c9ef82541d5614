import { isRecord, type Kind, type PrintOptions } from './kind.ts';
import type { Place } from './place.ts';
import type { Password } from './types.ts';

/** Linux TCP_MD5SIG_MAXKEYLEN. */
const MAX_KEY_OCTETS = 80;

/** A TCP-MD5 key (RFC 2385). No message repeats any of it. */
export const PASSWORD: Kind<Password> = {
  read: readPassword,
  print: printPassword,
  schema: {
    oneOf: ['file', 'value'].map((form) => ({
      type: 'object',
      properties: { [form]: { type: 'string', minLength: 1 } },
      required: [form],
      additionalProperties: false,
    })),
  },
};

function readPassword(written: unknown, place: Place): Password | undefined {
  if (!isRecord(written))
    return place.report('a password is an object', 'Write { file: PATH } or { value: TEXT }');
  if (Object.hasOwn(written, 'redacted'))
    return place.report(
      'the password was left out of this print',
      'Write { file: PATH } or { value: TEXT } in its place',
    );
  const [key, ...more] = Object.keys(written);
  const secret = key === undefined ? undefined : written[key];
  if ((key !== 'file' && key !== 'value') || more.length > 0 || typeof secret !== 'string')
    return place.report(
      'a password has exactly one of file and value, both text',
      'Write { file: PATH } or { value: TEXT }',
    );
  if (secret === '') return place.at(key).report(`${key} is empty`, 'Fill it or drop password');
  if (key === 'file') return { file: secret };
  if (new TextEncoder().encode(secret).length > MAX_KEY_OCTETS)
    return place
      .at(key)
      .report(
        `the password is longer than ${MAX_KEY_OCTETS} octets`,
        `Shorten it to ${MAX_KEY_OCTETS} octets, the most that TCP-MD5 takes`,
      );
  return { value: secret };
}

function printPassword(password: Password, { redact }: PrintOptions): unknown {
  const { file } = password;
  if (redact) return { redacted: true, from: file ?? 'configuration' };
  return file === undefined ? password : { file };
}
