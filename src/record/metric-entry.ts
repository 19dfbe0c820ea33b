/** The line of a history that holds what a Prometheus said. */

/** What the cluster felt during a step, as its Prometheus had it: one question, raw. */
export interface MetricEntry {
  readonly e: 'metric';
  readonly t: number;
  readonly s: number;
  /** Its name. */
  readonly n: string;
  readonly unit: string;
  readonly q: string;
  readonly series: readonly MetricSeries[];
}

export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Times as in all entries; of an answer, Unix time in microseconds. */
  readonly values: readonly (readonly [us: number, value: number])[];
}
