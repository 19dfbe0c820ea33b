/** What a bucket refuses, or does not answer, in a sentence with its remedy. */

import { parseXml, XmlError } from '@rgrove/parse-xml';
import { excerpt } from '../core/excerpt.ts';
import { plainText } from '../core/plain-text.ts';
import { safeTable } from '../core/table.ts';
import { BucketError } from './bucket-error.ts';
import type { BucketPlace } from './place.ts';

/** What stands between us and the bucket answers in its place. */
const FOREIGN = 'Foreign';

/** An answer that no bucket gives. */
export function foreignAnswer({ endpoint }: Pick<BucketPlace, 'endpoint'>, what: string) {
  return new BucketError(
    `${endpoint} ${what}, as no S3 does: check AWS_ENDPOINT_URL, and what stands before it`,
    { code: FOREIGN },
  );
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The beginning of the body. */
  readonly text: string;
  /** Unix microseconds when it came, by our clock. */
  readonly wallUs: number;
}

type Words = (place: BucketPlace, answer: Refusal) => string;

const REMEDIES = safeTable<Words>({
  NoSuchBucket: ({ bucket, endpoint }) =>
    `there is no bucket ${bucket} at ${endpoint}: make it, or check its name and AWS_ENDPOINT_URL`,
  AccessDenied: ({ bucket }) =>
    `the bucket ${bucket} does not let us in (AccessDenied): the key needs s3:ListBucket on it, ` +
    'and s3:GetObject, s3:PutObject and s3:DeleteObject below the prefix',
  InvalidAccessKeyId: ({ endpoint }) =>
    `${endpoint} does not know the access key: check AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL`,
  SignatureDoesNotMatch: ({ endpoint }) =>
    `${endpoint} does not take our signature: check AWS_SECRET_ACCESS_KEY and AWS_REGION`,
  ExpiredToken: () => 'the session token has expired: take new credentials into AWS_*',
  InvalidToken: () => 'the session token is not valid: take new credentials into AWS_*',
  RequestTimeTooSkewed: (_, answer) =>
    `the clock of this machine and the bucket's are ${skewOf(answer)} apart: set it by NTP`,
  QuotaExceeded: ({ bucket }) => `the quota of the bucket ${bucket} is used up: make room in it`,
  XMinioStorageFull: ({ bucket }) => `the disks behind the bucket ${bucket} are full: make room`,
});

const SAME_AS: Readonly<Record<string, string>> = {
  TokenRefreshRequired: 'ExpiredToken',
  AllAccessDisabled: 'AccessDenied',
};

/** Codes that come with a status of 4xx and pass all the same. */
const PASSING = new Set([
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  'SlowDown',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
  'BadDigest',
]);

/** The answer of a bucket that is no success. */
export function refusalOf(place: BucketPlace, answer: Refusal): BucketError {
  const { status, headers } = answer;
  const { Code, Message, Region } = errorFields(answer.text);
  const region = Region ?? text(headers['x-amz-bucket-region']);
  const code = Code ?? codeOfStatus(status);
  const facts = {
    status,
    code,
    isPassing: status === 429 || status >= 500 || PASSING.has(code),
    retryAfterSeconds: Number(text(headers['retry-after'])) || undefined,
  };
  const isElsewhere = region !== undefined && region !== place.region;
  if (isElsewhere && (status === 301 || status === 400 || status === 307)) {
    const words = `the bucket ${place.bucket} is in another region: set AWS_REGION=${region}`;
    return new BucketError(plainText(words), facts);
  }
  if (Code === undefined && (status < 400 || isPage(answer))) {
    const what = status < 400 ? `redirects us (${status})` : `answers with a web page (${status})`;
    return foreignAnswer(place, what);
  }
  const known = REMEDIES[SAME_AS[code] ?? code];
  const said =
    known?.(place, answer) ?? `${place.endpoint} says ${status} ${code}: ${Message ?? ''}`;
  return new BucketError(excerpt(plainText(said).replace(/:$/, ''), WORDS_MAX), facts);
}

const WORDS_MAX = 300;

/** Without a body, as a proxy or a HEAD leaves it. */
function codeOfStatus(status: number): string {
  if (status === 403) return 'AccessDenied';
  if (status === 404) return 'NoSuchKey';
  if (status === 412) return 'PreconditionFailed';
  if (status === 501) return 'NotImplemented';
  return String(status);
}

function isPage({ status, headers, text: body }: Refusal): boolean {
  if (status >= 500) return false;
  return (
    /^\s*<(!doctype html|html)/i.test(body) || /html/.test(text(headers['content-type']) ?? '')
  );
}

function skewOf({ headers, wallUs }: Refusal): string {
  const theirs = Date.parse(text(headers['date']) ?? '');
  if (Number.isNaN(theirs)) return 'more than 15 minutes';
  return `${Math.round(Math.abs(wallUs / 1000 - theirs) / 60_000)} minutes`;
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

interface ErrorFields {
  readonly Code?: string;
  readonly Message?: string;
  readonly Region?: string;
}

function errorFields(body: string): ErrorFields {
  try {
    const { root } = parseXml(body);
    if (root?.name !== 'Error') return {};
    const fields = root.children.flatMap((child) =>
      'name' in child && 'text' in child ? [[String(child.name), String(child.text)] as const] : [],
    );
    return Object.fromEntries(fields.map(([name, value]) => [name, excerpt(value, WORDS_MAX)]));
  } catch (error) {
    if (error instanceof XmlError || error instanceof RangeError) return {};
    throw error;
  }
}

/** The connection failed, or nobody is to be trusted. */
export function connectionTrouble(
  { endpoint }: Pick<BucketPlace, 'endpoint'>,
  error: NodeJS.ErrnoException,
): BucketError {
  const { code = '', message } = error;
  if (/CERT|^ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return new BucketError(
      `the certificate of ${endpoint} is not trusted (${code}): name its authority with ` +
        '--bucket-ca FILE or AWS_CA_BUNDLE',
      { code },
    );
  }
  if (code === 'EPROTO') {
    return new BucketError(`${endpoint} speaks no TLS: check the scheme and port`, { code });
  }
  const words = `${endpoint} cannot be reached: ${plainText(message)}`;
  return new BucketError(words, { code, isPassing: true });
}
