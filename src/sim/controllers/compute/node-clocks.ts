/**
 * The clocks of the nodes. Whatever a node stamps (a pod's conditions, a VMI's Running, a lease)
 * carries its own time, which may be off from the control plane's.
 */

import type { Clock } from '../../../core/clock.ts';
import { rfc3339 } from '../../../core/time-text.ts';

export interface NodeClocks {
  /** Microseconds since the Unix epoch by the node's clock. */
  wallUs(node: string): number;
  /** The node's time as a metav1.Time. */
  stamp(node: string): string;
}

/** `skewUs` is how far a node's clock is ahead. */
export function createNodeClocks(
  clock: Clock,
  skewUs: (node: string) => number = () => 0,
): NodeClocks {
  const wallUs = (node: string) => clock.wallUs() + skewUs(node);
  return { wallUs, stamp: (node) => rfc3339(wallUs(node)) };
}
