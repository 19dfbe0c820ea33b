/**
 * What this thread costs itself: how late its event loop runs, and the time that goes into
 * collecting garbage. Only where time is real; in virtual time nothing is late.
 */

import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { MILLISECOND } from './duration.ts';

/** How late timers fire, microseconds. */
export interface LoopLag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface OwnCost {
  readonly loopLagUs: LoopLag;
  readonly gcUs: number;
}

export interface CostMeter {
  /** Since the meter was started. */
  read(): OwnCost;
  stop(): void;
}

const RESOLUTION_MS = 10;

export function startCostMeter(): CostMeter {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let gcMs = 0;
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcMs += duration;
  });
  delays.enable();
  collections.observe({ entryTypes: ['gc'] });
  return {
    read: () => ({
      loopLagUs: {
        p50: lagUs(delays.percentile(50)),
        p99: lagUs(delays.percentile(99)),
        max: lagUs(delays.max),
      },
      gcUs: Math.round(gcMs * MILLISECOND),
    }),
    stop() {
      delays.disable();
      collections.disconnect();
    },
  };
}

/** The histogram holds whole periods of its timer, in nanoseconds. */
function lagUs(periodNs: number): number {
  return Math.max(0, Math.round(periodNs / 1000) - RESOLUTION_MS * MILLISECOND);
}
