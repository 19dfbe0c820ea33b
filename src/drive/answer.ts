/** What the answer to an operation's request means for whoever sent it. */

import type { KubeObject } from '../api/object.ts';
import { TransportError } from '../api/transport.ts';
import { SECOND } from '../core/duration.ts';
import { ApiError } from '../kube/api-error.ts';

export type Answer =
  | {
      readonly kind: 'accepted';
      readonly code: number;
      /** Of an object that the request has created. */
      readonly uid?: string | undefined;
      /** Unix second in which the server answered, of a creation. */
      readonly answeredSeconds?: number | undefined;
      /** What was there before, as the request has left it. */
      readonly shown?: KubeObject | 'gone' | undefined;
    }
  | {
      readonly kind: 'rejected';
      readonly code: number;
      readonly reason: string;
      readonly message: string;
    }
  /** Ask again: after a while that the server named, or one of our own choice. */
  | {
      readonly kind: 'retry';
      readonly what: string;
      readonly message: string;
      readonly afterUs?: number;
      /** The request may have been carried out all the same. */
      readonly mayBeDone: boolean;
    };

/** What a failed request means for whoever sent it; rethrows what is no failed request. */
export function classifyError(error: unknown): Exclude<Answer, { kind: 'accepted' }> {
  if (error instanceof TransportError) {
    const { message, maybeSent: mayBeDone } = error;
    return { kind: 'retry', what: 'connection', message, mayBeDone };
  }
  if (!(error instanceof ApiError)) throw error;
  const { code, message, retryAfterSeconds } = error;
  const afterUs = retryAfterSeconds === undefined ? {} : { afterUs: retryAfterSeconds * SECOND };
  const refused = { kind: 'retry', message, mayBeDone: false } as const;
  // The transport has asked for new credentials already; whether there are any, time will tell.
  if (code === 401) return { ...refused, what: 'unauthorized' };
  if (code === 429) return { ...refused, what: 'throttled', ...afterUs };
  if (code >= 500) return { ...refused, what: `http${code}`, mayBeDone: true, ...afterUs };
  if (quotaIsBusy(error)) return { ...refused, what: 'quota' };
  return { kind: 'rejected', code, reason: error.reason || `Http${code}`, message };
}

/**
 * A quota that says no has said no; but it may not have been counted yet, or be written to by too
 * many at the same time (apiserver pkg/admission/plugin/resourcequota/controller.go).
 */
function quotaIsBusy({ code, message }: ApiError): boolean {
  if (code === 403) return message.includes('status unknown for quota');
  return code === 409 && message.includes('be fulfilled on resourcequotas');
}
