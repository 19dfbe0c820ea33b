/** A bucket over real sockets, on a server that verifies each signature by itself. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bucket, openBucket } from '../../src/bucket/bucket.ts';
import { bucketPlace } from '../../src/bucket/place.ts';
import type { Clock } from '../../src/core/clock.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { factOf } from '../../src/study/kept-study.ts';
import { KEYS, type S3Server, startS3 } from '../support/s3-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const opened: Bucket[] = [];
let s3: S3Server;

beforeAll(async () => {
  s3 = await startS3({ pageSize: 3 });
});
afterAll(async () => {
  for (const bucket of opened) bucket.close();
  await s3.close();
});
beforeEach(() => {
  s3.fault = () => undefined;
  s3.objects.clear();
  s3.requests.length = 0;
});

interface Opening {
  readonly server?: S3Server;
  readonly env?: Readonly<Record<string, string>>;
  readonly ca?: string;
  readonly address?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

async function open(opening: Opening = {}): Promise<Bucket> {
  const {
    server = s3,
    env = {},
    ca,
    address = 's3://results/a/b',
    clock = hasty().clock,
  } = opening;
  const all = server.env(env);
  const { signal = new AbortController().signal } = opening;
  const place = bucketPlace(address, all, ca);
  const bucket = await openBucket(place, { clock, env: all, userAgent: 'bench/test', signal });
  opened.push(bucket);
  return bucket;
}

/** Sleeps no longer than it takes to note how long. */
function hasty(skewUs = 0) {
  const system = systemClock();
  const slept: number[] = [];
  const clock: Clock = {
    ...system,
    wallUs: () => system.wallUs() + skewUs,
    sleep(durationUs) {
      slept.push(durationUs);
      return Promise.resolve();
    },
  };
  return { clock, slept };
}

async function keysIn(bucket: Bucket, place: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of bucket.list(place)) keys.push(key);
  return keys;
}

describe('objects', () => {
  test('are put, read, listed page by page, and removed, below the prefix', async () => {
    const bucket = await open();
    expect(await bucket.read('x/1', 10)).toBeUndefined();
    for (const name of ['1', '2', '3', '4', '5', '6', '7']) await bucket.put(`x/${name}`, name);
    await bucket.put('x/y/8', Buffer.from([0, 255, 10]));
    await bucket.put('z', '');
    expect([...s3.objects.keys()]).toContain('results/a/b/x/y/8');
    expect(await bucket.read('x/3', 10)).toMatchObject({ text: '3' });
    const seven = ['1', '2', '3', '4', '5', '6', '7'].map((name) => `x/${name}`);
    expect(await keysIn(bucket, 'x')).toEqual([...seven, 'x/y/']);
    expect(s3.requests.filter((each) => each.includes('continuation-token'))).toHaveLength(2);
    expect(await keysIn(bucket, '')).toEqual(['x/', 'z']);
    await bucket.remove('x/3');
    expect(await keysIn(bucket, 'x')).not.toContain('x/3');
  });

  test('come from files and go into files, checked', async () => {
    const bucket = await open();
    const path = join(folder, 'big');
    writeFileSync(path, Buffer.alloc(3_000_000, 'bench'));
    const fact = await factOf(path);
    await bucket.put('big', { path, ...fact });
    await bucket.download('big', join(folder, 'copy'), fact);
    expect(readFileSync(join(folder, 'copy')).equals(readFileSync(path))).toBe(true);
    await bucket.put('big', 'another run');
    await expect(bucket.download('big', join(folder, 'torn'), fact)).rejects.toThrow('other bytes');
    const longer = { ...fact, bytes: 3 };
    await expect(bucket.download('big', join(folder, 'torn'), longer)).rejects.toThrow(
      'other bytes',
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('torn'))).toEqual([]);
  });

  test('are put only where there is none, or none but the one that was read', async () => {
    const bucket = await open();
    expect(await bucket.putIf('lock', 'a', undefined)).toBe(true);
    expect(await bucket.putIf('lock', 'b', undefined)).toBe(false);
    const { etag = '' } = (await bucket.read('lock', 10)) ?? {};
    expect(await bucket.putIf('lock', 'c', etag)).toBe(true);
    expect(await bucket.putIf('lock', 'd', etag)).toBe(false);
    expect((await bucket.read('lock', 10))?.text).toBe('c');
  });

  test.each(['../x', 'a/../b', 'a//b', '', '/etc/passwd', 'a\nb', 'a b', '.', 'ä', 'a%2f..'])(
    'are never called %j',
    async (key) => {
      const bucket = await open();
      await expect((async () => bucket.read(key, 10))()).rejects.toThrow('is no name of an object');
      expect(s3.requests).toEqual([]);
    },
  );
});

describe('what passes by itself is asked again', () => {
  test.each([
    ['a server that asks for time', { status: 503, headers: { 'Retry-After': '7' } }, 7 * SECOND],
    ['one that is overloaded', { status: 429 }, 0],
    ['a connection that breaks', 'cut', 0],
  ] as const)('%s', async (_, fault, leastUs) => {
    const { clock, slept } = hasty();
    const bucket = await open({ clock });
    let left = 3;
    s3.fault = () => (left-- > 0 ? fault : undefined);
    await bucket.put('x', 'y');
    expect(slept).toHaveLength(3);
    for (const sleptUs of slept) expect(sleptUs).toBeGreaterThanOrEqual(leastUs);
    // Ever longer, each within the upper half of its step.
    const own = slept.map((sleptUs, i) => sleptUs / (200_000 * 2 ** i));
    if (leastUs === 0) for (const part of own) expect(part).toBeGreaterThanOrEqual(0.5);
    if (leastUs === 0) for (const part of own) expect(part).toBeLessThanOrEqual(1);
  });

  test('a body that breaks off, from its beginning', async () => {
    const bucket = await open();
    await bucket.put('x', 'y'.repeat(100_000));
    let left = 2;
    s3.fault = () => (left-- > 0 ? 'half' : undefined);
    expect((await bucket.read('x', 200_000))?.text).toHaveLength(100_000);
  });

  test('but not once nobody waits any more', async () => {
    const over = new AbortController();
    const bucket = await open({ signal: over.signal });
    let asked = 0;
    s3.fault = () => {
      asked += 1;
      over.abort();
      return { status: 503 };
    };
    await expect(bucket.put('x', 'y')).rejects.toThrow();
    expect(asked).toBe(1);
  });
});

describe('what does not is told in a sentence with its remedy', () => {
  const refused = async (opening: Opening) => {
    const bucket = await open(opening);
    const error = await bucket.put('x', 'y').catch((each: Error) => each);
    const { message } = error as Error;
    expect(message).not.toMatch(new RegExp(`${KEYS.AWS_SECRET_ACCESS_KEY.slice(0, 8)}|\n`));
    return message;
  };

  test.each([
    ['another secret', { env: { AWS_SECRET_ACCESS_KEY: 'x' } }, 'check AWS_SECRET_ACCESS_KEY'],
    ['an unknown key', { env: { AWS_ACCESS_KEY_ID: 'x' } }, 'check AWS_ACCESS_KEY_ID'],
    ['no such bucket', { address: 's3://other' }, 'there is no bucket other at http://127'],
    ['a clock that is off', { clock: hasty(60 * MINUTE).clock }, '60 minutes apart: set it by NTP'],
  ] as const)('%s', async (_, opening, sentence) => {
    expect(await refused(opening)).toContain(sentence);
  });

  const xml = (code: string, more = '') => `<Error><Code>${code}</Code>${more}</Error>`;

  test.each([
    ['no rights', { status: 403, body: xml('AccessDenied') }, 'needs s3:ListBucket'],
    ['an old token', { status: 400, body: xml('ExpiredToken') }, 'has expired'],
    [
      'another region',
      { status: 301, body: xml('PermanentRedirect', '<Region>eu-west-1</Region>') },
      'set AWS_REGION=eu-west-1',
    ],
    ['a full pool', { status: 403, body: xml('QuotaExceeded') }, 'quota of the bucket results'],
    ['a log-in page', { status: 403, body: '<!doctype html><form>' }, 'what stands before it'],
    [
      'the way to one',
      { status: 302, headers: { Location: 'https://login' } },
      'redirects us (302)',
    ],
    [
      'controls',
      { status: 400, body: xml('Odd', '<Message>\u202ered\n</Message>') },
      '400 Odd: red',
    ],
    ['entities', { status: 400, body: `<!DOCTYPE x [<!ENTITY a "b">]>${xml('&a;')}` }, '400 400'],
  ])('%s', async (_, fault, sentence) => {
    s3.fault = () => fault;
    expect(await refused({})).toContain(sentence);
  });

  test('a certificate that nobody vouches for, until it is named', async () => {
    const server = await startS3({ tls: true });
    const ca = join(folder, 'ca.crt');
    writeFileSync(ca, server.authority);
    expect(await refused({ server })).toContain('name its authority with --bucket-ca FILE');
    const bucket = await open({ server, ca });
    await bucket.put('x', 'y');
    expect((await bucket.read('x', 10))?.text).toBe('y');
    await server.close();
  });
});

describe('a list that is none', () => {
  const page = (entries: string) =>
    `<ListBucketResult><IsTruncated>false</IsTruncated>${entries}</ListBucketResult>`;
  const cut = '<IsTruncated>true</IsTruncated>';

  test.each([
    ['a web page', '<html><body>log in</body></html>', 'answers no list'],
    ['nothing', '', 'answers no list'],
    ['half a document', '<ListBucketResult><Contents>', 'answers no list'],
    [
      'entities',
      `<!DOCTYPE l [<!ENTITY a "x">]>${page('<Contents><Key>&a;</Key></Contents>')}`,
      'no list',
    ],
    ['nesting', '<a>'.repeat(100_000), 'answers no list'],
    ['a place elsewhere', page('<Contents><Key>../../etc/passwd</Key></Contents>'), 'unasked'],
    ['no end', `<ListBucketResult>${cut}</ListBucketResult>`, 'where to go on'],
    [
      'always the same page',
      `<ListBucketResult>${cut}<NextContinuationToken>t</NextContinuationToken></ListBucketResult>`,
      'without end',
    ],
    ['a name that is none', page('<Contents><Key>%zz</Key></Contents>'), 'which is no name'],
    ['too much', ' '.repeat(9_000_000), 'more than'],
  ])('%s', async (_, body, sentence) => {
    const bucket = await open();
    s3.fault = () => ({ status: 200, body });
    await expect(keysIn(bucket, '')).rejects.toThrow(sentence);
  });
});

describe('a place', () => {
  const place = (address: string, env: Readonly<Record<string, string>>) =>
    bucketPlace(address, { ...KEYS, ...env });

  test.each([
    [{ AWS_REGION: 'eu-west-1' }, 's3://b-1/x', 'https://b-1.s3.eu-west-1.amazonaws.com', false],
    [{}, 's3://a.b/x/', 'https://s3.us-east-1.amazonaws.com', true],
    [
      { AWS_DEFAULT_REGION: 'cn-north-1' },
      's3://b-1',
      'https://b-1.s3.cn-north-1.amazonaws.com.cn',
      false,
    ],
    [{ AWS_ENDPOINT_URL: 'https://minio:9000/' }, 's3://b-1', 'https://minio:9000', true],
    [{ BUCKET_HOST: 'rgw.svc', BUCKET_PORT: '443' }, 's3://b-1', 'https://rgw.svc', true],
    [{ BUCKET_HOST: 'rgw.svc', BUCKET_PORT: '80' }, 's3://b-1', 'http://rgw.svc', true],
  ])('by %j', (env, address, endpoint, isPathStyle) => {
    expect(place(address, env)).toMatchObject({ endpoint, isPathStyle });
  });

  test.each([
    ['s3://', {}, 'is no bucket'],
    ['s3://UPPER/x', {}, 'is no bucket'],
    ['s3://key:secret@b-1/x', {}, 'credentials in a bucket address'],
    ['s3://b-1/../x', {}, 'the prefix of'],
    ['s3://b-1', { AWS_ENDPOINT_URL: 'ftp://x' }, 'is no https:// address'],
    ['s3://b-1', { AWS_ENDPOINT_URL: 'https://u:p@x' }, 'without user or query'],
    ['s3://b-1', { AWS_REGION: 'evil.example/' }, 'is no region'],
    ['s3://b-1', { AWS_SECRET_ACCESS_KEY: '' }, 'needs AWS_ACCESS_KEY_ID and'],
    ['s3://b-1', { AWS_CA_BUNDLE: '/nowhere' }, 'certificates of the bucket: /nowhere'],
  ])('%s with %j is refused', (address, env, sentence) => {
    expect(() => place(address, env as Readonly<Record<string, string>>)).toThrow(sentence);
  });
});
