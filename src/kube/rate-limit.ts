/**
 * client-go's rate limiter: a token bucket whose waiters are served in order. A taker reserves
 * its token at once and waits until the bucket has grown it (golang.org/x/time/rate, Reserve).
 */

import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';

export interface RateLimiter {
  /** Resolves when the request may be sent. */
  take(): Promise<void>;
}

export interface RateLimit {
  /** Tokens a second. */
  readonly qps: number;
  readonly burst: number;
}

/** A full bucket of `burst` tokens that grows by `qps` tokens a second. */
export function createTokenBucket(clock: Clock, limit: RateLimit): RateLimiter {
  let tokens = limit.burst;
  let filledUs = clock.nowUs();
  return {
    take() {
      const nowUs = clock.nowUs();
      tokens = Math.min(limit.burst, tokens + ((nowUs - filledUs) / SECOND) * limit.qps) - 1;
      filledUs = nowUs;
      if (tokens >= 0) return Promise.resolve();
      return clock.sleep((-tokens / limit.qps) * SECOND);
    },
  };
}
