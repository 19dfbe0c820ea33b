/** Clients with several limits: which requests share a bucket differs by library. */

import type { Resource } from '../../../api/resources.ts';
import type { Clock } from '../../../core/clock.ts';
import type { ClientOptions } from '../../../kube/client.ts';
import { createTokenBucket, type RateLimit, type RateLimiter } from '../../../kube/rate-limit.ts';

/** controller-runtime 0.14: a REST client, and with it a bucket, for each kind. */
export function limitedPerKind(clock: Clock, limit: RateLimit): ClientOptions {
  return limitedPer(clock, limit, (resource) => resource?.plural ?? '');
}

/**
 * client-go's clientsets, where no rate is set: a REST client, and with it a bucket, for each group
 * of the API (kubernetes/clientset.go NewForConfigAndClient). Requests by path alone share one.
 */
export function limitedPerGroup(clock: Clock, limit: RateLimit): ClientOptions {
  return limitedPer(clock, limit, (resource) => resource?.group ?? '(by path)');
}

function limitedPer(
  clock: Clock,
  limit: RateLimit,
  nameOf: (resource: Resource | undefined) => string,
): ClientOptions {
  const buckets = new Map<string, RateLimiter>();
  return {
    limiterOf(resource) {
      const name = nameOf(resource);
      let bucket = buckets.get(name);
      if (!bucket) {
        bucket = createTokenBucket(clock, limit);
        buckets.set(name, bucket);
      }
      return bucket;
    },
  };
}
