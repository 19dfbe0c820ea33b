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
  /** For the results, in place of a claim. */
  readonly bucket: JobBucket | undefined;
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

/** Its secrets are named, and in no manifest. */
export interface JobBucket {
  /** As pods are told it: `s3://BUCKET/PREFIX`, or by a variable of their environment. */
  readonly address: string;
  /** With the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. */
  readonly secret: string;
  /** Of an ObjectBucketClaim, with BUCKET_NAME, BUCKET_HOST and BUCKET_PORT. */
  readonly configMap: string | undefined;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** A ConfigMap with the certificates to trust. */
  readonly authority: { readonly configMap: string; readonly key: string } | undefined;
  /** The bucket is claimed with the study, of this class; it is there already where undefined. */
  readonly claimClass: string | undefined;
}
