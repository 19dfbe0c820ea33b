/**
 * The time of a simulated cluster that runs at a pace, told by another clock: for whoever lives in
 * that cluster's time without being part of its process.
 */

import type { Clock } from './clock.ts';
import { sleepBy } from './system-clock.ts';

/**
 * `speed` of this clock's seconds pass in one of `base`; monotonic times share its origin, so that
 * two scaled clocks on one origin agree. Wall time starts at `wallUs` microseconds since 1970.
 */
export function scaledClock(base: Clock, speed: number, wallUs = base.wallUs()): Clock {
  const startUs = base.nowUs();
  const schedule: Clock['schedule'] = (delayUs, callback, options) =>
    base.schedule(delayUs / speed, callback, options);
  return {
    nowUs: () => Math.round(base.nowUs() * speed),
    wallUs: () => wallUs + Math.round((base.nowUs() - startUs) * speed),
    sleep: (durationUs, options) => sleepBy(schedule, durationUs, options),
    schedule,
  };
}
