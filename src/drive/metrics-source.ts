/** Whom a run asks what its cluster felt. */

import { AnswerError } from '../core/answer-error.ts';
import type { MetricSeries } from '../record/metric-entry.ts';

export interface MetricsSource {
  /** Values between two wall times, microseconds; rejects where nobody answers, and with a
   * QueryRefusal where the question is not understood. */
  read(query: string, window: MetricsWindow): Promise<readonly MetricSeries[]>;
}

/** The question itself is at fault: others may be answered. */
export class QueryRefusal extends AnswerError {}

export interface MetricsWindow {
  readonly fromUs: number;
  readonly untilUs: number;
  /** A value at each such interval. */
  readonly everyUs: number;
}
