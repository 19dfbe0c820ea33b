/**
 * Who of several pods drives a real cluster, where they share no disk but a bucket: an object that
 * its holder renews. A pod on a node that was cut off goes on after its successor has started, and
 * two of them would measure, and delete, each other's. Ages are by the bucket's own clock.
 */

import type { Bucket, SmallObject } from '../bucket/bucket.ts';
import { BucketError } from '../bucket/bucket-error.ts';
import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { RENEW_EVERY_US, SILENT_US } from '../record/run-lock.ts';
import { putSafely } from './kept-study.ts';

export interface ClusterLease {
  /** Aborted once somebody else has it, or it could not be renewed for so long that one may. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** That nobody else calls himself. */
  readonly holder: string;
  /** Told that another one holds it, and that we wait. */
  readonly onHeld: (holder: string) => void;
}

const CHARS_MAX = 4096;

/** Throws UsageError where its holder goes on renewing it. */
export async function takeLease(
  bucket: Bucket,
  key: string,
  options: LeaseOptions,
): Promise<ClusterLease> {
  const { clock, signal, holder, onHeld } = options;
  const patienceUs = clock.nowUs() + SILENT_US + 3 * RENEW_EVERY_US;
  for (let tries = 0; ; tries++) {
    const found = await bucket.read(key, CHARS_MAX);
    const isPut = found === undefined ? await putSafely(bucket, key, holder) : await isTaken(found);
    // Where the server cannot tell whether there is one, the last of two has it.
    if (isPut && (await bucket.read(key, CHARS_MAX))?.text === holder) break;
    if (found !== undefined && tries === 0) onHeld(found.text);
    if (signal.aborted) throw new UsageError('interrupted while another pod drives the cluster');
    if (clock.nowUs() > patienceUs) {
      throw new UsageError(`another pod drives this cluster, ${found?.text}: end it first`);
    }
    await clock.sleep(RENEW_EVERY_US, { signal });
  }
  return renewed(bucket, key, options);

  /** Of one who is gone. */
  async function isTaken({ etag, ageUs }: SmallObject): Promise<boolean> {
    return ageUs !== undefined && ageUs >= SILENT_US && putSafely(bucket, key, holder, etag);
  }
}

function renewed(bucket: Bucket, key: string, { clock, holder }: LeaseOptions): ClusterLease {
  const lost = new AbortController();
  const over = new AbortController();
  const going = (async () => {
    let renewedUs = clock.nowUs();
    while (!lost.signal.aborted) {
      await clock.sleep(RENEW_EVERY_US, { signal: over.signal });
      if (over.signal.aborted) return;
      try {
        const found = await bucket.read(key, CHARS_MAX);
        if (found !== undefined && found.text !== holder) return lost.abort();
        await bucket.put(key, holder);
        renewedUs = clock.nowUs();
      } catch (error) {
        if (!(error instanceof BucketError)) throw error;
        if (clock.nowUs() - renewedUs > SILENT_US - 30 * SECOND) lost.abort();
      }
    }
  })();
  return {
    lost: lost.signal,
    async release() {
      over.abort();
      await going;
      if (!lost.signal.aborted) await bucket.remove(key);
    },
  };
}
