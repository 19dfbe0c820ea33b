/** The bucket that an option names: opened, used, closed, and its refusals told in a sentence. */

import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Bucket } from '../bucket/bucket.ts';
import { BucketError } from '../bucket/bucket-error.ts';
import { bucketPlace } from '../bucket/place.ts';
import type { Session } from '../run/session.ts';
import { once } from './options.ts';

export const BUCKET_CA = {
  type: 'string',
  describe: 'Certificates to trust of the bucket, PEM [default: AWS_CA_BUNDLE]',
  coerce: once('bucket-ca'),
} as const;

/** How the commands that use a bucket end their help. */
export const BUCKET_ENVIRONMENT =
  'Of a bucket: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, ' +
  'AWS_ENDPOINT_URL; or BUCKET_HOST and BUCKET_PORT, as an ObjectBucketClaim gives them.';

export interface BucketChoice {
  readonly address: string;
  readonly ca: string | undefined;
  /** Once aborted, nothing is asked of it any more. */
  readonly signal: AbortSignal;
}

/** Undefined where it could not be had, which has been told. Throws UsageError for refusals. */
export async function withBucket<T>(
  session: Session,
  { address, ca, signal }: BucketChoice,
  use: (bucket: Bucket) => Promise<T>,
): Promise<T | undefined> {
  // Loaded late: who asks for no bucket needs neither a signer nor XML.
  const { openBucket } = await import('../bucket/bucket.ts');
  const { host, screen, finish } = session;
  const place = bucketPlace(address, host.env, ca);
  if (place.endpoint.startsWith('http:')) {
    screen.tell(`bench: ${place.endpoint} is plain HTTP: others on the way can read the results`);
  }
  const { clock, env, version } = host;
  const onTrouble = ({ message }: Error) => screen.tell(`bench: ${message}; asking again`);
  const options = { clock, env, userAgent: `bench/${version}`, signal, onTrouble };
  const bucket = await openBucket(place, options);
  try {
    return await use(bucket);
  } catch (error) {
    if (!(error instanceof BucketError)) throw error;
    if (!error.isPassing) throw new UsageError(error.message);
    screen.tell(`bench: ${error.message}`);
    finish(EXIT.error);
    return undefined;
  } finally {
    bucket.close();
  }
}
