/** Two pods and one real cluster: one drives it, whatever the server knows of conditions. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bucket, openBucket } from '../../src/bucket/bucket.ts';
import { bucketPlace } from '../../src/bucket/place.ts';
import { MINUTE } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { SILENT_US } from '../../src/record/run-lock.ts';
import { takeLease } from '../../src/study/cluster-lease.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';

const LOCK = 'paris.lock';
const STORED = `results/${LOCK}`;

describe.each([
  ['a server that takes conditions', true],
  ['one that takes none', false],
])('%s', (_, knowsConditions) => {
  let s3: S3Server;
  let bucket: Bucket;

  beforeAll(async () => {
    s3 = await startS3({ knowsConditions });
    const { signal } = new AbortController();
    const options = { clock: systemClock(), env: {}, userAgent: 'test', signal, patienceUs: 0 };
    bucket = await openBucket(bucketPlace('s3://results', s3.env()), options);
  });
  afterAll(async () => {
    bucket.close();
    await s3.close();
  });
  beforeEach(() => s3.objects.clear());

  /** `pause`: what happens while it sleeps; its time goes on with each sleep. */
  function take(holder: string, pause: () => void = () => {}) {
    const held: string[] = [];
    const base = createKernel();
    let nowUs = 0;
    const clock = {
      ...base,
      nowUs: () => nowUs,
      async sleep(durationUs: number, { signal }: { signal?: AbortSignal } = {}) {
        nowUs += durationUs;
        pause();
        // Real requests are under way meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted) return;
      },
    };
    const { signal } = new AbortController();
    const lease = takeLease(bucket, LOCK, {
      clock,
      signal,
      holder,
      onHeld: (who) => held.push(who),
    });
    return { lease, held };
  }

  const age = (ageUs: number) => {
    const lock = s3.objects.get(STORED);
    if (lock) lock.writtenMs = Date.now() - ageUs / 1000;
  };

  test('gives it to one at a time, and to the next once it is released', async () => {
    const first = await take('a').lease;
    expect(s3.objects.get(STORED)?.data.toString()).toBe('a');
    const other = take('b');
    await expect(other.lease).rejects.toThrow('another pod drives this cluster, a: end it first');
    expect(other.held).toEqual(['a']);
    await first.release();
    expect(s3.objects.has(STORED)).toBe(false);
    const third = await take('c').lease;
    await third.release();
  });

  test('gives it on where its holder has been silent for long', async () => {
    await bucket.put(LOCK, 'dead');
    age(MINUTE);
    const { lease, held } = take('b', () => age(SILENT_US + MINUTE));
    const taken = await lease;
    expect(held).toEqual(['dead']);
    expect(s3.objects.get(STORED)?.data.toString()).toBe('b');
    await taken.release();
  });

  test('tells who had it that it is another’s', async () => {
    const { lease } = take('a');
    const { lost, release } = await lease;
    await bucket.put(LOCK, 'b');
    if (!lost.aborted) await new Promise((resolve) => lost.addEventListener('abort', resolve));
    await release();
    expect(s3.objects.get(STORED)?.data.toString()).toBe('b');
  });

  test('takes it from who could not renew it for so long that another may have it', async () => {
    const { lost, release } = await take('a').lease;
    s3.fault = () => ({ status: 503 });
    if (!lost.aborted) await new Promise((resolve) => lost.addEventListener('abort', resolve));
    s3.fault = () => undefined;
    await release();
  });
});
