/**
 * What can go wrong between clients and the API server, as data. Rates are probabilities per
 * request or event; periods count from the opening of a watch or from the start of the run.
 */

import type { ApiRequest, WatchEvent, WatchRequest } from '../../../api/transport.ts';
import type { Answer } from '../requests/handle.ts';

export interface FaultPlan {
  /** Each watch connection is cut after so many events. */
  readonly cutEveryEvents?: number;
  /** Each watch connection is cut about this long after it was opened (half to one and a half). */
  readonly cutEveryUs?: number;
  /** A cut also compacts history, so that the resumed watch gets 410. */
  readonly cutCompacts?: boolean;
  /** History is compacted with this period, without any cut. */
  readonly compactEveryUs?: number;
  /** Streams fall silent but for bookmarks of what was delivered; then all comes at once. */
  readonly stall?: { readonly everyUs: number; readonly forUs: number };
  /** An event is delivered twice. */
  readonly duplicateRate?: number;
  /** Changes of one object within this time are delivered as one, the last. */
  readonly coalesceUs?: number;
  /** An event, and with it all behind it, is delayed by up to this much. */
  readonly delay?: { readonly rate: number; readonly maxUs: number };
  /** Writes answered with 429 and Retry-After, not carried out. */
  readonly throttle?: { readonly rate: number; readonly retryAfterSeconds: number };
  /** Writes answered with 500, 503 or 504, not carried out. */
  readonly errorRate?: number;
  /** Creations that are carried out while their answer is lost. */
  readonly loseCreateRate?: number;
  /** Requests of any kind whose connection breaks before they reach the server. */
  readonly dropRate?: number;
  /** Requests are delayed by a uniform time up to this. */
  readonly latencyMaxUs?: number;
  /** Answers whose bodies trickle; only on a wire. */
  readonly slowBodies?: { readonly rate: number; readonly bytesPerSecond: number };
  /** The server restarts: every connection is cut, history is lost, and nobody answers. */
  readonly restart?: { readonly everyUs: number; readonly forUs: number };
  /** The server's own clock jumps, by so much at so long after the start. */
  readonly clockSteps?: readonly { readonly afterUs: number; readonly byUs: number }[];
}

/** One fault that happened, for the record. */
export interface FaultRecord {
  readonly atUs: number;
  readonly fault:
    | 'cut'
    | 'compact'
    | 'stall'
    | 'duplicate'
    | 'coalesce'
    | 'delay'
    | 'throttle'
    | 'error'
    | 'loseCreate'
    | 'drop'
    | 'slowBody'
    | 'restart'
    | 'clockStep';
  /** The path, or how long, or by how much. */
  readonly detail: string;
}

/** What befalls one request. */
export type RequestFault =
  /** Answered without being carried out. */
  | { readonly kind: 'refuse'; readonly answer: Answer }
  /** Carried out; the connection breaks before the answer. */
  | { readonly kind: 'lose' }
  /** Broken on the way; `maybeSent` false where no connection came about. */
  | { readonly kind: 'drop'; readonly maybeSent: boolean }
  | { readonly kind: 'delay'; readonly delayUs: number }
  /** Carried out; the body of the answer comes at so many bytes a second. */
  | { readonly kind: 'slowBody'; readonly bytesPerSecond: number };

/** What a watch's faults can do to its connection. */
export interface StreamControl {
  /** An event, or the orderly end where it is undefined. */
  deliver(item: WatchEvent | undefined): void;
  /** The connection breaks now; whatever is on its way is lost. */
  cut(message: string): void;
  /** It breaks once what was delivered has arrived; `cut` does where that makes no difference. */
  cutBehind?(message: string): void;
}

/** Stands between the server and one watch connection. */
export interface StreamTap {
  /** On its way to the client; it is passed on now, later, twice, or merged into another. */
  item(item: WatchEvent | undefined): void;
  /** The connection is over. */
  closed(): void;
}

/** The seam: asked by a endpoint for each request and each watch. */
export interface Faults {
  onRequest(request: ApiRequest): RequestFault | undefined;
  /** A drop where the server is down. */
  onWatch(request: WatchRequest, control: StreamControl): StreamTap | undefined;
  /** Whether the server is down for the moment. */
  readonly down: boolean;
  readonly records: readonly FaultRecord[];
  stop(): void;
}
