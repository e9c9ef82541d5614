import { BengalError } from '../../runtime/error.ts';

/** Why the API server's objects could not be read. */
export type FailureCode =
  | 'api-credentials'
  | 'api-unreachable'
  | 'api-silent'
  | 'api-unauthorized'
  | 'api-forbidden'
  | 'api-kind-missing'
  | 'api-expired'
  | 'api-busy'
  | 'api-conflict'
  | 'api-refused'
  | 'api-not-json';

interface Explanation {
  /** One line of text. */
  readonly text: string;
  /** What to do, one imperative sentence. */
  readonly cure: string;
}

/** One line of text and a cure for each code. */
export const FAILURES: Readonly<Record<FailureCode, Explanation>> = {
  'api-credentials': {
    text: 'the credentials for the API server cannot be read',
    cure: 'Correct the kubeconfig or the mounted files; they are read again at each attempt',
  },
  'api-unreachable': {
    text: 'the API server cannot be reached',
    cure: 'Check its address and the way to it; it is tried again',
  },
  'api-silent': {
    text: 'the API server does not answer',
    cure: 'Check the way to it; it is tried again',
  },
  'api-unauthorized': {
    text: 'the API server does not accept the credentials',
    cure: 'Renew the token or certificate; it is read again at each attempt',
  },
  'api-forbidden': {
    text: 'the account may not list and watch this kind',
    cure: 'Grant get, list and watch to the account; it is tried again',
  },
  'api-kind-missing': {
    text: 'the API server does not know this kind',
    cure: "Install Calico's custom resource definitions if it is meant to be used",
  },
  'api-expired': {
    text: 'the version to continue from is too old; everything is listed anew',
    cure: 'Nothing to do',
  },
  'api-busy': {
    text: 'the API server asks to come back later',
    cure: 'Wait; it is tried again',
  },
  'api-conflict': {
    text: 'the object was changed by somebody else at the same time',
    cure: 'Look who else writes its status; it is tried again',
  },
  'api-refused': {
    text: 'the API server refuses the request',
    cure: 'Read its message; it is tried again',
  },
  'api-not-json': {
    text: 'the answer is not that of a Kubernetes API server',
    cure: 'Check that the address is not that of a proxy or login page',
  },
};

/** A failed exchange with the API server. */
export class ApiFailure extends BengalError {
  override readonly name = 'ApiFailure';
  override readonly code: FailureCode;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;

  /** `where` is the server or the kind; `detail` is what it said. */
  constructor(
    code: FailureCode,
    where: string,
    detail: string,
    more: { readonly retryAfter?: number | undefined; readonly cause?: unknown } = {},
  ) {
    const { text, cure } = FAILURES[code];
    super(code, detail === '' ? text : `${text}: ${shortened(detail)}`, {
      where,
      cure,
      cause: more.cause,
    });
    this.code = code;
    this.retryAfter = more.retryAfter;
  }
}

const LONGEST_DETAIL = 300;

const shortened = (text: string): string =>
  text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
