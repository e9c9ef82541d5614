/** The parts of etcd's messages that are read; 64-bit numbers come as text. */
export interface ResponseHeader {
  readonly cluster_id: string;
  readonly revision: string;
}

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly mod_revision: string;
}

export interface RangeRequest {
  readonly key: Buffer;
  readonly range_end: Buffer;
  readonly limit: number;
  /** 0 for the newest. */
  readonly revision: number;
}

export interface RangeResponse {
  readonly header: ResponseHeader;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
}

export interface TransactionRequest {
  /** All must hold. */
  readonly compare: readonly Comparison[];
  /** Carried out in order, all or none. */
  readonly success: readonly Operation[];
}

/** Holds while the key was last changed at this revision. */
export interface Comparison {
  readonly key: Buffer;
  readonly result: 'Equal';
  readonly target: 'Mod';
  readonly mod_revision: string;
}

export type Operation =
  | { readonly request_put: { readonly key: Buffer; readonly value: Buffer } }
  | { readonly request_delete_range: { readonly key: Buffer } };

export interface TransactionResponse {
  readonly succeeded: boolean;
}

export interface WatchRequest {
  readonly create_request: {
    readonly key: Buffer;
    readonly range_end: Buffer;
    readonly start_revision: number;
    /** An empty response from time to time, so that the position of a quiet watch moves on. */
    readonly progress_notify: boolean;
    readonly watch_id: number;
    /** A large response may come in pieces. */
    readonly fragment: boolean;
  };
}

export interface WatchEvent {
  readonly type: 'Put' | 'Delete';
  readonly kv: KeyValue;
}

export interface WatchResponse {
  readonly header: ResponseHeader;
  readonly watch_id: string;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compact_revision: string;
  readonly cancel_reason: string;
  /** More pieces of this response follow. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}

/** First key behind all those that begin with `prefix`, which ends with a character below U+007F. */
export function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end.writeUInt8(end.readUInt8(last) + 1, last);
  return end;
}
