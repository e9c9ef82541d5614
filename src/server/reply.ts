/** An answer to a request; `body` is taken lazily, part by part. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Iterable<string | Uint8Array>;
  /** What follows the body as it happens, until the client leaves; the returned function ends it. */
  readonly follow?: (write: (part: Uint8Array) => void) => () => void;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const LINES_TYPE = 'application/x-ndjson; charset=utf-8';

export const jsonReply = (value: object, status = 200): Reply => ({
  status,
  type: JSON_TYPE,
  body: [`${JSON.stringify(value)}\n`],
});

export const textReply = (text: string, status = 200): Reply => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: [text],
});

/** `code` is stable and kebab-case; `message` says what is wrong and what to do. */
export const errorReply = (status: number, code: string, message: string): Reply =>
  jsonReply({ error: { code, message } }, status);

/** Rows as `{"NAME":[…]}`, or one JSON object a line where the client asks for that. */
export function rowsReply(name: string, rows: Iterable<object>, accept: string): Reply {
  return accept.includes('application/x-ndjson')
    ? { status: 200, type: LINES_TYPE, body: jsonLines(rows) }
    : { status: 200, type: JSON_TYPE, body: jsonArray(name, rows) };
}

function* jsonLines(rows: Iterable<object>): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

function* jsonArray(name: string, rows: Iterable<object>): Generator<string> {
  let between = `{${JSON.stringify(name)}:[\n`;
  for (const row of rows) {
    yield between + JSON.stringify(row);
    between = ',\n';
  }
  yield between === ',\n' ? '\n]}\n' : `${between}]}\n`;
}
