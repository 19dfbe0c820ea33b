import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/core/duration.ts';
import { startController } from '../../src/kube/controller.ts';
import { createTokenBucket } from '../../src/kube/rate-limit.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';

describe('controller', () => {
  test('many requests for a key before its turn are one look', async () => {
    const kernel = createKernel();
    const looks: string[] = [];
    await kernel.run(async () => {
      const controller = startController({
        name: 'test',
        clock: kernel,
        workers: 1,
        reconcile: async (key) => {
          looks.push(key);
          await kernel.sleep(SECOND);
          return undefined;
        },
      });
      for (const key of ['a', 'b', 'b', 'a', 'b']) controller.enqueue(key);
      await kernel.sleep(10 * SECOND);
    });
    // `a` was in work when it was asked for again, so it is looked at once more.
    expect(looks).toEqual(['a', 'b', 'a']);
  });

  test('a key is never in two hands, however many workers there are', async () => {
    const kernel = createKernel();
    let inHands = 0;
    let most = 0;
    await kernel.run(async () => {
      const controller = startController({
        name: 'test',
        clock: kernel,
        workers: 8,
        reconcile: async () => {
          inHands += 1;
          most = Math.max(most, inHands);
          await kernel.sleep(SECOND);
          inHands -= 1;
          return undefined;
        },
      });
      for (let i = 0; i < 5; i++) {
        controller.enqueue('only');
        await kernel.sleep(SECOND / 2);
      }
      await kernel.sleep(10 * SECOND);
    });
    expect(most).toBe(1);
  });

  test('failures are retried with growing delays, and success forgets them', async () => {
    const kernel = createKernel();
    const looksUs: number[] = [];
    await kernel.run(async () => {
      const controller = startController({
        name: 'test',
        clock: kernel,
        workers: 1,
        reconcile: () => {
          looksUs.push(kernel.nowUs());
          if (looksUs.length < 4) return Promise.reject(new Error('not yet'));
          return Promise.resolve(undefined);
        },
      });
      controller.enqueue('a');
      await kernel.sleep(SECOND);
    });
    expect(looksUs.map((us) => us / MILLISECOND)).toEqual([0, 5, 15, 35]);
  });

  test('a result may ask for another look', async () => {
    const kernel = createKernel();
    const looksUs: number[] = [];
    await kernel.run(async () => {
      const controller = startController({
        name: 'test',
        clock: kernel,
        workers: 1,
        reconcile: () => {
          looksUs.push(kernel.nowUs());
          return Promise.resolve(looksUs.length < 3 ? { afterUs: 2 * SECOND } : undefined);
        },
      });
      controller.enqueue('a');
      await kernel.sleep(20 * SECOND);
    });
    expect(looksUs).toEqual([0, 2 * SECOND, 4 * SECOND]);
  });
});

describe('token bucket', () => {
  test('a burst goes at once, the rest at the rate, in order', async () => {
    const kernel = createKernel();
    const takenUs: number[] = [];
    await kernel.run(async () => {
      const bucket = createTokenBucket(kernel, { qps: 5, burst: 10 });
      const takes = Array.from({ length: 15 }, async () => {
        await bucket.take();
        takenUs.push(kernel.nowUs());
      });
      await Promise.all(takes);
    });
    expect(takenUs.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(takenUs.slice(10).map((us) => us / MILLISECOND)).toEqual([200, 400, 600, 800, 1000]);
  });

  test('an idle bucket fills up to its burst and no further', async () => {
    const kernel = createKernel();
    const waitedUs = await kernel.run(async () => {
      const bucket = createTokenBucket(kernel, { qps: 5, burst: 2 });
      await kernel.sleep(1000 * SECOND);
      const startUs = kernel.nowUs();
      for (let i = 0; i < 3; i++) await bucket.take();
      return kernel.nowUs() - startUs;
    });
    expect(waitedUs).toBe(200 * MILLISECOND);
  });
});
