import type {
  RangeRequest,
  RangeResponse,
  TransactionRequest,
  TransactionResponse,
  WatchRequest,
  WatchResponse,
} from './messages.ts';

/** The parts of grpc-js in use, as etcd3 hands them out. */
export interface Metadata {
  set(name: string, value: string): void;
}

export interface GrpcError extends Error {
  readonly code?: number;
  readonly details?: string;
}

export interface Call {
  cancel(): void;
}

export type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  /** Wall-clock milliseconds. */
  options: { readonly deadline: number },
  done: (error: GrpcError | null, response: Response) => void,
) => Call;

export interface WatchStream extends Call {
  write(request: WatchRequest): void;
  on(event: 'data', take: (response: WatchResponse) => void): this;
  on(event: 'error', fail: (error: GrpcError) => void): this;
  on(event: 'end', fail: () => void): this;
}

interface Client {
  close(): void;
}

/** etcd's services by name. */
export interface Clients {
  readonly Auth: Client & {
    authenticate: Unary<
      { readonly name: string; readonly password: string },
      { readonly token: string }
    >;
  };
  readonly KV: Client & {
    range: Unary<RangeRequest, RangeResponse>;
    txn: Unary<TransactionRequest, TransactionResponse>;
  };
  readonly Watch: Client & { watch(metadata: Metadata): WatchStream };
}
