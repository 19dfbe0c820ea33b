/** Whom a run asks what its cluster felt. */

import type { MetricSeries } from '../record/metric-entry.ts';

export interface MetricsSource {
  /** Values between two wall times, microseconds; rejects where nobody answers. */
  read(query: string, window: MetricsWindow): Promise<readonly MetricSeries[]>;
}

export interface MetricsWindow {
  readonly fromUs: number;
  readonly untilUs: number;
  /** A value at each such interval. */
  readonly everyUs: number;
}
