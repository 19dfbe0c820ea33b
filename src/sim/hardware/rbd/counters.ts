/** What happened inside the cluster, counted where it happens. */

export interface Counters {
  flattens: number;
  resourceExhausted: number;
  aborted: number;
}
