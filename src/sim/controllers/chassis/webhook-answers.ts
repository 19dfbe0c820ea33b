/**
 * What comes of a write that a webhook refuses or does not answer in time (apiserver
 * pkg/admission/plugin/webhook/errors and .../generic; failurePolicy Fail).
 */

import type { StatusDetails } from '../../../api/object.ts';
import { failure } from '../../../api/status.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Webhook {
  /** As refusals name it. */
  readonly name: string;
  /** Without the query. */
  readonly url: string;
  readonly timeoutUs: number;
}

interface Reasons {
  readonly reason?: string | undefined;
  readonly details?: StatusDetails | undefined;
}

export function denied(
  { name }: Pick<Webhook, 'name'>,
  code: number,
  why: string,
  more: { readonly reason?: string; readonly causes?: StatusDetails['causes'] } = {},
): Answer {
  const { reason, causes } = more;
  const message = `admission webhook "${name}" denied the request: ${why}`;
  return failed(code, message, { reason, details: causes && { causes } });
}

/** The answer of the webhook, or what the server answers where it is not there in time. */
export function answeredInTime(
  clock: Clock,
  webhook: Webhook,
  answer: Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  return inTime(clock, webhook.timeoutUs, answer, () => notCalled(webhook));
}

/** `late` where `work` is not done in time; it goes on all the same, and nobody hears of it. */
export function inTime<T>(
  clock: Clock,
  limitUs: number,
  work: Promise<T>,
  late: () => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = clock.schedule(limitUs, () => resolve(late()));
    work.then(resolve, reject).finally(forget);
  });
}

/** A request that took longer than the server allows any (apiserver handlers/finisher). */
export function requestTimedOut(): Answer {
  const why = 'request did not complete within requested timeout - context deadline exceeded';
  return failed(504, `Timeout: ${why}`, { reason: 'Timeout', details: {} });
}

function notCalled({ name, url, timeoutUs }: Webhook): Answer {
  const why =
    `failed calling webhook "${name}": failed to call webhook: Post ` +
    `"${url}?timeout=${timeoutUs / SECOND}s": context deadline exceeded`;
  const details = { causes: [{ message: why }] };
  return failed(500, `Internal error occurred: ${why}`, { reason: 'InternalError', details });
}

function failed(code: number, message: string, { reason, details }: Reasons): Answer {
  return { status: code, body: failure(code, reason, message, details) };
}
