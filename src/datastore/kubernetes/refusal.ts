import { isObject } from '../resources/schema.ts';
import { ApiFailure, type FailureCode } from './failure.ts';

/** An answer that is not what was asked for. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** A `kind: Status` object, as far as it decides anything. */
export interface Status {
  readonly code: number | undefined;
  readonly message: string;
}

const BY_STATUS: ReadonlyMap<number, FailureCode> = new Map([
  [401, 'api-unauthorized'],
  [403, 'api-forbidden'],
  [404, 'api-kind-missing'],
  [409, 'api-conflict'],
  [410, 'api-expired'],
  [429, 'api-busy'],
]);

/** What the API server says of an unknown group, in plain text. */
const UNKNOWN_PATH = '404 page not found';

const LONGEST_WAIT = 300;

/** Judges an answer by its status; `server` or `subject` is named, whichever is at fault. */
export function failureOfAnswer(answer: Answer, server: string, subject: string): ApiFailure {
  const { status, body } = answer;
  const said = readStatus(parseJson(body));
  const code = codeOf(answer, said);
  const where = code === 'api-unauthorized' || code === 'api-busy' ? server : subject;
  const detail = said?.message ?? `HTTP ${status}, ${excerpt(body)}`;
  return new ApiFailure(code, where, detail, { retryAfter: secondsOf(answer.retryAfter) });
}

/** The failure that an ERROR event of a watch reports. */
export function failureOfStatus(status: Status, subject: string): ApiFailure {
  const code =
    BY_STATUS.get(status.code ?? 0) ?? ((status.code ?? 0) >= 500 ? 'api-busy' : 'api-refused');
  return new ApiFailure(code, subject, status.message);
}

/** Reads a Status object; undefined when it is something else. */
export function readStatus(value: unknown): Status | undefined {
  if (!isObject(value) || value['kind'] !== 'Status') return undefined;
  const { code, message } = value;
  return {
    code: typeof code === 'number' ? code : undefined,
    message: typeof message === 'string' ? message : '',
  };
}

/** The beginning of an answer that should have been something else, on one line. */
export const excerpt = (text: string): string =>
  `"${text.slice(0, 80).replace(/\s+/g, ' ').trim()}"`;

/** A 404 counts only from an API server: another server's would empty the cluster. */
function codeOf({ status, body }: Answer, said: Status | undefined): FailureCode {
  const authentic = said !== undefined || body.trim() === UNKNOWN_PATH;
  if (status === 200 || (status === 404 && !authentic)) return 'api-not-json';
  return BY_STATUS.get(status) ?? (status >= 500 ? 'api-busy' : 'api-refused');
}

function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || !/^\d{1,9}$/.test(retryAfter)) return undefined;
  return Math.min(Number(retryAfter), LONGEST_WAIT) * 1000;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
