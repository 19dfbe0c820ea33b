/** Exponential back-off, with or without jitter, as a value that is asked for the next delay. */

import type { Rng } from '../core/rng.ts';

export interface BackoffPolicy {
  readonly firstUs: number;
  readonly maxUs: number;
  readonly factor: number;
}

/** The delay before retry number `attempt` (0 for the first). */
export function backoffUs(policy: BackoffPolicy, attempt: number): number {
  return Math.min(policy.maxUs, policy.firstUs * policy.factor ** attempt);
}

/** The same delay, uniformly spread over its upper half so that clients do not march in step. */
export function jitteredBackoffUs(policy: BackoffPolicy, attempt: number, rng: Rng): number {
  const fullUs = backoffUs(policy, attempt);
  return Math.round(fullUs * rng.uniform(0.5, 1));
}
