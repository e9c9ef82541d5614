import { BengalError } from '../../runtime/error.ts';

/** Why etcd's objects could not be read, or not be followed further. */
export type EtcdFailureCode =
  | 'etcd-credentials'
  | 'etcd-unreachable'
  | 'etcd-silent'
  | 'etcd-unauthenticated'
  | 'etcd-denied'
  | 'etcd-no-leader'
  | 'etcd-compacted'
  | 'etcd-other-history'
  | 'etcd-too-large'
  | 'etcd-conflict'
  | 'etcd-refused';

interface Explanation {
  /** One line of text. */
  readonly text: string;
  /** What to do, one imperative sentence. */
  readonly cure: string;
}

/** One line of text and a cure for each code. */
export const ETCD_FAILURES: Readonly<Record<EtcdFailureCode, Explanation>> = {
  'etcd-credentials': {
    text: 'the certificate files for etcd cannot be read',
    cure: 'Correct ETCD_KEY_FILE, ETCD_CERT_FILE and ETCD_CA_CERT_FILE; they are read again at each attempt',
  },
  'etcd-unreachable': {
    text: 'etcd cannot be reached',
    cure: 'Check ETCD_ENDPOINTS, the certificates and the way to it; it is tried again',
  },
  'etcd-silent': {
    text: 'etcd does not answer',
    cure: 'Check that it is healthy; it is tried again',
  },
  'etcd-unauthenticated': {
    text: 'etcd does not accept the user or its token',
    cure: 'Correct ETCD_USERNAME and ETCD_PASSWORD; it is tried again',
  },
  'etcd-denied': {
    text: 'the user may not read these keys',
    cure: 'Grant its role to read everything below /calico/; it is tried again',
  },
  'etcd-no-leader': {
    text: 'the etcd member has lost its leader',
    cure: 'Check the cluster; the next endpoint is tried',
  },
  'etcd-compacted': {
    text: 'the revision to continue from is compacted; everything is listed anew',
    cure: 'Nothing to do',
  },
  'etcd-other-history': {
    text: 'etcd has another history than before; everything is listed anew',
    cure: 'Nothing to do if it was restored from a backup',
  },
  'etcd-too-large': {
    text: 'an answer of etcd is too large; a smaller one is asked for',
    cure: 'Look for oversized objects if it happens again',
  },
  'etcd-conflict': {
    text: 'the object was changed by somebody else at the same time',
    cure: 'Look who else writes its status; it is tried again',
  },
  'etcd-refused': {
    text: 'etcd refuses the request',
    cure: 'Read its message; it is tried again',
  },
};

/** A failed exchange with etcd. */
export class EtcdFailure extends BengalError {
  override readonly name = 'EtcdFailure';
  override readonly code: EtcdFailureCode;

  /** `where` is the endpoint; `detail` is what it or the network said. */
  constructor(code: EtcdFailureCode, where: string, detail: string, cause?: unknown) {
    const { text, cure } = ETCD_FAILURES[code];
    super(code, detail === '' ? text : `${text}: ${detail}`, { where, cure, cause });
    this.code = code;
  }
}

/** gRPC's numbers, as far as etcd uses them. */
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** What a gRPC status or the reason of a cancelled watch means. */
export function failureOf(
  where: string,
  { code, details }: { readonly code?: number | undefined; readonly details: string },
  cause?: unknown,
): EtcdFailure {
  return new EtcdFailure(codeOf(code, details), where, details, cause);
}

function codeOf(code: number | undefined, details: string): EtcdFailureCode {
  if (/revision has been compacted/.test(details)) return 'etcd-compacted';
  if (/no leader/.test(details)) return 'etcd-no-leader';
  if (/invalid auth token|authentication failed|user name is empty|old auth/.test(details))
    return 'etcd-unauthenticated';
  if (/permission denied/.test(details)) return 'etcd-denied';
  if (code === RESOURCE_EXHAUSTED && /larger than max/.test(details)) return 'etcd-too-large';
  switch (code) {
    case DEADLINE_EXCEEDED:
      return 'etcd-silent';
    case PERMISSION_DENIED:
      return 'etcd-denied';
    case UNAUTHENTICATED:
      return 'etcd-unauthenticated';
    case UNAVAILABLE:
      return 'etcd-unreachable';
    default:
      return 'etcd-refused';
  }
}
