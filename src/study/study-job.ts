/** A study as a Job is asked for: what of it, and what differs from one Kubernetes to another. */

import type { OpenStudy } from './open-study.ts';
import type { BundledFile } from './study-bundle.ts';

export interface StudyJob {
  readonly study: OpenStudy;
  readonly files: readonly [BundledFile, ...BundledFile[]];
  /** How many indexes there are. */
  readonly indexes: number;
  /** Roles for the cluster around the pods; empty where no run is on it. */
  readonly roles: readonly object[];
  readonly options: JobOptions;
}

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
