/** What happened inside the cluster, counted where it happens. */

export interface Tally {
  flattens: number;
  resourceExhausted: number;
  aborted: number;
}
