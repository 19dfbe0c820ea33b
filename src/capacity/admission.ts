/**
 * How fast CDI lets clones in, whatever is asked: its webhooks ask the API server about each, with
 * client-go's limits (CDI v1.58.4 pkg/apiserver/webhooks; docs/model.md counts the requests). Later
 * releases ask a little less.
 */

import type { Maximum } from './limits.ts';

export type CloneSource = 'pvc' | 'snapshot';

const SOURCE = 'CDI 1.58.4: client-go 5 requests/s, burst 10';

const REQUESTS_PER_SECOND = 5;
const BURST = 10;

/** Of the core group: for a creation, and with the two updates of CDI's own that follow. */
export const ADMISSION_REQUESTS: Readonly<
  Record<CloneSource, { readonly created: number; readonly all: number }>
> = {
  pvc: { created: 3, all: 5 },
  snapshot: { created: 2, all: 4 },
};

/** Kubernetes apiserver handlers/rest.go requestTimeoutUpperBound. */
const ANSWER_SECONDS = 34;

/** Clones a second. */
export function admissionRate(source: CloneSource): Maximum {
  return { value: REQUESTS_PER_SECOND / ADMISSION_REQUESTS[source].all, source: SOURCE };
}

/** How long so many clones take to be let in, at the least, in seconds. */
export function admissionSeconds(clones: Readonly<Record<CloneSource, number>>): number {
  const { pvc, snapshot } = ADMISSION_REQUESTS;
  const requests = clones.pvc * pvc.all + clones.snapshot * snapshot.all;
  return Math.max(0, requests - BURST) / REQUESTS_PER_SECOND;
}

/** Whether the server gives up some of `size` creations within `withinSeconds`. */
export function isAnsweredLate(source: CloneSource, size: number, withinSeconds: number): boolean {
  const lastSeconds = (size * ADMISSION_REQUESTS[source].created - BURST) / REQUESTS_PER_SECOND;
  return lastSeconds - withinSeconds > ANSWER_SECONDS;
}
