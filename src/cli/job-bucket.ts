/** The bucket of a study's Job, by options: one that is there, or one of an ObjectBucketClaim. */

import type { Argv } from 'yargs';
import { parseBucketAddress } from '../bucket/place.ts';
import { UsageError } from '../core/usage-error.ts';
import { jobName } from '../study/job-manifests.ts';
import type { OpenStudy } from '../study/open-study.ts';
import type { JobBucket } from '../study/study-job.ts';
import { once } from './options.ts';

export interface BucketArguments {
  readonly bucket: string | undefined;
  readonly bucketSecret: string | undefined;
  readonly bucketEndpoint: string | undefined;
  readonly bucketRegion: string | undefined;
  readonly bucketClaim: string | undefined;
  readonly bucketClass: string | undefined;
  readonly bucketCa: string | undefined;
}

export function bucketOptions(yargs: Argv): Argv {
  return yargs
    .option('bucket', {
      type: 'string',
      describe: 'Results go into this bucket, s3://BUCKET/PREFIX, in place of a claim',
      coerce: once('bucket'),
    })
    .option('bucket-secret', {
      type: 'string',
      describe:
        'Secret with its AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY [default: bench-bucket]',
      coerce: once('bucket-secret'),
    })
    .option('bucket-endpoint', {
      type: 'string',
      describe: 'Where it is, https://HOST[:PORT] [default: AWS]',
      coerce: once('bucket-endpoint'),
    })
    .option('bucket-region', {
      type: 'string',
      describe: 'Of the bucket [default: us-east-1]',
      coerce: once('bucket-region'),
    })
    .option('bucket-claim', {
      type: 'string',
      describe: 'Results go into the bucket of this ObjectBucketClaim',
      coerce: once('bucket-claim'),
    })
    .option('bucket-class', {
      type: 'string',
      describe: 'Results go into a bucket of this class, claimed with the study',
      coerce: once('bucket-class'),
    })
    .option('bucket-ca', {
      type: 'string',
      describe: 'ConfigMap/KEY with certificates to trust, openshift-service-ca.crt/service-ca.crt',
      coerce: once('bucket-ca'),
    });
}

/** Undefined where results go into a claim. Throws UsageError for what does not fit together. */
export function jobBucket(args: BucketArguments, study: OpenStudy): JobBucket | undefined {
  const { bucket, bucketClaim, bucketClass, bucketEndpoint, bucketRegion, bucketSecret } = args;
  const ways = [bucket, bucketClaim, bucketClass].filter((each) => each !== undefined);
  if (ways.length > 1) {
    throw new UsageError('say one of --bucket, --bucket-claim and --bucket-class');
  }
  const place = { endpoint: bucketEndpoint, region: bucketRegion };
  const named = { ...place, secret: bucketSecret };
  if (ways.length === 0) {
    const said = Object.entries({ ...named, ca: args.bucketCa }).find(([, value]) => value);
    if (said === undefined) return undefined;
    throw new UsageError(`--bucket-${said[0]} of which bucket? say --bucket or --bucket-class`);
  }
  const authority = authorityOf(args.bucketCa);
  if (bucket !== undefined) {
    const { bucket: name, prefix } = parseBucketAddress(bucket);
    const address = `s3://${name}/${prefix}`.replace(/\/$/, '');
    const secret = bucketSecret ?? 'bench-bucket';
    return { ...place, address, secret, configMap: undefined, authority, claimClass: undefined };
  }
  const said = Object.entries(named).find(([, value]) => value !== undefined);
  if (said !== undefined) {
    throw new UsageError(`a claim says itself what --bucket-${said[0]} says: leave that`);
  }
  // The provisioner names Secret and ConfigMap as the claim.
  const claim = bucketClaim ?? jobName(study);
  return {
    ...place,
    address: 's3://$(BUCKET_NAME)',
    secret: claim,
    configMap: claim,
    authority,
    claimClass: bucketClass,
  };
}

function authorityOf(text: string | undefined): JobBucket['authority'] {
  if (text === undefined) return undefined;
  const [, configMap, key] = /^([a-z0-9.-]+)\/([-._a-zA-Z0-9]+)$/.exec(text) ?? [];
  if (configMap !== undefined && key !== undefined) return { configMap, key };
  throw new UsageError('--bucket-ca names a key of a ConfigMap: NAME/KEY');
}
