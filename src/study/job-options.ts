/** What differs from one Kubernetes to another where a study is made as a Job. */

export interface JobOptions {
  readonly image: string;
  readonly namespace: string;
  /** Pods at a time. */
  readonly parallelism: number;
  /** Of the claim with the results; the default class where undefined. */
  readonly storageClass: string | undefined;
  readonly size: string;
  /** Tries of each index, for servers that fail indexes by themselves; plain where undefined. */
  readonly backoffPerIndex: number | undefined;
  /** A LocalQueue of Kueue. */
  readonly queue: string | undefined;
}

/** kubernetes pkg/apis/batch/validation: completions of an Indexed Job. */
export const INDEXES_MAX = 100_000;
