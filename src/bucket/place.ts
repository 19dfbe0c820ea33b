/**
 * Where a bucket is and who asks it: `s3://BUCKET/PREFIX`, and the environment as AWS's own
 * programs and an ObjectBucketClaim name it. Secrets come from the environment alone; an address
 * with some in it is refused.
 */

import { readFileSync } from 'node:fs';
import { fileTrouble } from '../core/disk-trouble.ts';
import { UsageError } from '../core/usage-error.ts';

export interface BucketPlace {
  /** `https://HOST[:PORT]`, without a path. */
  readonly endpoint: string;
  /** Whether the bucket stands in the path; else it is a part of the endpoint's host. */
  readonly isPathStyle: boolean;
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly credentials: BucketCredentials;
  /** Certificates that are trusted beside the public ones, PEM. */
  readonly authority: string | undefined;
}

export interface BucketCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const SCHEME = 's3://';

export function isBucketAddress(text: string): boolean {
  return text.startsWith(SCHEME);
}

/** Characters that are the same in a key, a path and a signature. */
const PART = /^(?!\.{1,2}$)[\w.-]+$/;

/** Whether an object's name is one that we would give: it leads nowhere but below its prefix. */
export function isPlainKey(key: string): boolean {
  return key.split('/').every((part) => PART.test(part));
}

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The two parts of an address. Throws UsageError. */
export function parseBucketAddress(address: string): Pick<BucketPlace, 'bucket' | 'prefix'> {
  const [bucket = '', ...rest] = address.slice(SCHEME.length).split('/');
  if (address.includes('@')) {
    throw new UsageError('credentials in a bucket address are seen by all: put them into AWS_*');
  }
  if (!isBucketAddress(address) || !BUCKET_NAME.test(bucket)) {
    throw new UsageError(`'${address}' is no bucket: write s3://BUCKET/PREFIX`);
  }
  const path = rest.join('/').replace(/\/+$/, '');
  if (path === '') return { bucket, prefix: '' };
  if (isPlainKey(path)) return { bucket, prefix: `${path}/` };
  throw new UsageError(`the prefix of '${address}' may have letters, digits, - _ . and / alone`);
}

/** Throws UsageError where something is missing. `caFile`: instead of AWS_CA_BUNDLE. */
export function bucketPlace(address: string, env: Environment, caFile?: string): BucketPlace {
  const { bucket, prefix } = parseBucketAddress(address);
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || env['BUCKET_REGION'] || DEFAULT;
  const named = endpointNamed(env);
  // A certificate for *.s3... covers no bucket with a dot in its name.
  const isPathStyle = named !== undefined || bucket.includes('.');
  return {
    endpoint: named ?? awsEndpoint(region, isPathStyle ? undefined : bucket),
    isPathStyle,
    bucket,
    prefix,
    region,
    credentials: credentialsIn(env),
    authority: authorityIn(caFile ?? (env['AWS_CA_BUNDLE'] || undefined)),
  };
}

/** Of Ceph and MinIO, which have no regions, and of AWS where nobody says. */
const DEFAULT = 'us-east-1';

function awsEndpoint(region: string, bucket: string | undefined): string {
  if (!/^[a-z0-9-]+$/.test(region)) throw new UsageError(`AWS_REGION '${region}' is no region`);
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${bucket === undefined ? '' : `${bucket}.`}s3.${region}.${domain}`;
}

/** By the user, or by the ConfigMap of an ObjectBucketClaim; undefined for AWS. */
function endpointNamed(env: Environment): string | undefined {
  const url = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'];
  if (url) return checkEndpoint(url);
  const host = env['BUCKET_HOST'];
  if (!host) return undefined;
  const port = env['BUCKET_PORT'] || '443';
  return checkEndpoint(`${port === '80' || port === '8080' ? 'http' : 'https'}://${host}:${port}`);
}

function checkEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('AWS_ENDPOINT_URL is no https:// address');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError('AWS_ENDPOINT_URL has to be a host and a port, without user or query');
  }
  if (url.pathname !== '/') {
    throw new UsageError(`AWS_ENDPOINT_URL has a path, ${url.pathname}: leave it at the host`);
  }
  return url.origin;
}

function credentialsIn(env: Environment): BucketCredentials {
  const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']];
  if (!accessKeyId || !secretAccessKey) {
    throw new UsageError(
      'the bucket needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment ' +
        '(aws configure export-credentials --format env prints those of a profile)',
    );
  }
  const sessionToken = env['AWS_SESSION_TOKEN'];
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function authorityIn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    throw new UsageError(`the certificates of the bucket: ${path}: ${fileTrouble(error)}`);
  }
  throw new UsageError(`${path} holds no certificate (PEM) for the bucket`);
}
