/** When a kubelet finds that a container is ready (kubelet prober/worker.go). Pure. */

import type { Container } from '../../../api/compute.ts';
import { SECOND } from '../../../core/duration.ts';

/** Seconds, with the defaults of the API server where absent. */
type ReadinessProbe = NonNullable<Container['readinessProbe']>;

const PERIOD_S = 10;

/**
 * From the start of the container until it is ready. A worker asks once each period from when the
 * pod's volumes were mounted, `startingUs` before the start, and a container that has not run for
 * the initial delay is not asked. What answers, answers at once.
 */
export function readyAfterUs(probe: ReadinessProbe | undefined, startingUs: number): number {
  if (probe === undefined) return 0;
  const { initialDelaySeconds = 0, periodSeconds = PERIOD_S } = probe;
  const periodUs = periodSeconds * SECOND;
  const askable = startingUs + initialDelaySeconds * SECOND;
  return Math.ceil(askable / periodUs) * periodUs - startingUs;
}
