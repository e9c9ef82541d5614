import type { UnknownCapability } from './capabilities/table.ts';
import { MessageError, TruncatedError } from './errors.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

const CAPABILITIES = 2;
/** As first parameter type: the form of RFC 9072. As length octet of that form: ignored. */
const EXTENDED = 255;
const MAX_OLD_FORM = 255;

interface Parameters {
  readonly capabilities: readonly UnknownCapability[];
  readonly extended: boolean;
}

/**
 * The capabilities in the optional parameters of an OPEN, RFC 4271 §4.2, RFC 5492 §4 and RFC 9072
 * §2. `body` stands at the length octet and ends with the message.
 *
 *   old form                  extended form
 *   length      1 octet       length       1 octet, not 0
 *                             type         1 octet, 255
 *                             length       2 octets
 *   parameters, each:         parameters, each:
 *     type      1 octet         type       1 octet
 *     length    1 octet         length     2 octets
 *     value                     value
 *
 * The value of parameter 2 is capabilities, each: code (1 octet), length (1 octet), value.
 */
export function readCapabilities(body: Reader): Parameters {
  try {
    return readParameters(body);
  } catch (error) {
    // Parameters or capabilities that overrun what holds them.
    if (error instanceof TruncatedError) throw new MessageError(2, 0, 'malformed-parameters');
    throw error;
  }
}

function readParameters(body: Reader): Parameters {
  const length = body.u8();
  if (length === 0 && body.remaining === 0) return { capabilities: [], extended: false };
  const first = body.u8();
  const extended = length !== 0 && first === EXTENDED;
  const declared = extended ? body.u16() : length - 1;
  if (declared !== body.remaining) throw new MessageError(2, 0, 'malformed-parameters');
  const capabilities: UnknownCapability[] = [];
  if (!extended) readParameter(first, body.sub(body.u8()), capabilities);
  while (body.remaining > 0) {
    const type = body.u8();
    readParameter(type, body.sub(extended ? body.u16() : body.u8()), capabilities);
  }
  return { capabilities, extended };
}

function readParameter(type: number, value: Reader, capabilities: UnknownCapability[]): void {
  if (type !== CAPABILITIES) throw new MessageError(2, 4, 'unknown-parameter');
  while (value.remaining > 0) {
    const code = value.u8();
    capabilities.push({ type: 'unknown', code, value: value.bytes(value.u8()) });
  }
}

/** Writes length and parameters: one parameter with all capabilities, in the old form if it fits. */
export function writeParameters(out: Writer, capabilities: readonly UnknownCapability[]): void {
  const length = capabilities.reduce((sum, { value }) => sum + 2 + value.length, 0);
  if (length === 0) {
    out.u8(0);
    return;
  }
  if (length + 2 <= MAX_OLD_FORM) {
    out.u8(length + 2);
    out.u8(CAPABILITIES);
    out.u8(length);
  } else {
    out.u8(EXTENDED);
    out.u8(EXTENDED);
    out.u16(length + 3);
    out.u8(CAPABILITIES);
    out.u16(length);
  }
  for (const { code, value } of capabilities) {
    out.u8(code);
    out.u8(value.length);
    out.bytes(value);
  }
}
