/**
 * The seam between the wings: how a client reaches an API server, in process or over HTTPS.
 * A Transport moves bodies and stamps what it receives; it neither retries nor interprets.
 */

import type { KubeObject, Status } from './object.ts';

/**
 * What every client here takes, as client-go says it: JSON where there is a choice, else whatever
 * there is. KubeVirt's start, stop and restart name no media type, match a client that takes all of
 * them, and answer 406 to one that takes only JSON.
 */
export const ACCEPT = 'application/json, */*';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  readonly method: Method;
  /** Absolute path without query: `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** Of the body; `application/json` unless a PATCH says otherwise. */
  readonly contentType?: string | undefined;
  /** Beside those that every request has: for whom it is made. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Once aborted, nobody waits for the answer. */
  readonly signal?: AbortSignal | undefined;
  /** Without an answer for so long it is given up; the transport's own limit where undefined. */
  readonly timeoutUs?: number;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: unknown;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Clock time at which the response was complete. */
  readonly receivedUs: number;
  /** Unix second in which the server answered, by its own clock, where it says so (`Date`). */
  readonly answeredSeconds?: number | undefined;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: WatchEventType;
  /** A Status where the type is ERROR. */
  readonly object: T;
}

export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** Why a watch stream is over. */
export type WatchEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'refused'; readonly code: number; readonly status: Status | undefined }
  | { readonly kind: 'broken'; readonly message: string };

export interface WatchSink {
  /** The server answered 200: from here on the stream is live. */
  opened(atUs: number): void;
  /** `seenUs`: clock time at which the bytes arrived, taken before they were parsed. */
  event(event: WatchEvent, seenUs: number): void;
  /** Called once; nothing follows. Not called after the watcher stopped it itself. */
  ended(end: WatchEnd, atUs: number): void;
}

export interface Transport {
  /** Resolves with any HTTP answer, also 4xx and 5xx; rejects with a TransportError. */
  request(request: ApiRequest): Promise<ApiResponse>;
  /** Opens a watch; the returned function stops it. */
  watch(request: WatchRequest, sink: WatchSink): () => void;
}

/** No HTTP answer came: the request may or may not have been carried out. */
export class TransportError extends Error {
  override readonly name: string = 'TransportError';
  /** False where the request certainly never reached the server. */
  readonly maybeSent: boolean;
  /** The system's or TLS' name of what went wrong: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly code: string | undefined;
  constructor(message: string, maybeSent: boolean, code?: string) {
    super(message);
    this.maybeSent = maybeSent;
    this.code = code;
  }
}

/** The code of a request that was given up because somebody had told us to. */
export const ABORTED = 'EABORTED';

/** Our own doing, and no failure of the server. */
export function isAborted(error: unknown): boolean {
  return error instanceof TransportError && error.code === ABORTED;
}
