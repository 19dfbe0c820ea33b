/** Faults of a scenario in the words of the simulator. */

import { expect, test } from 'vitest';
import { SECOND } from '../../../src/core/duration.ts';
import { faultPlan, orderNodeFaults, makeSimFaults } from '../../../src/sim/host/ordered-faults.ts';
import { parseFaults, type SimulatedFaults } from '../../../src/parameters/faults-schema.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';

function faults(document: unknown): SimulatedFaults {
  const parsed = parseFaults(document);
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return parsed.faults;
}

test('each fault on the way has its counterpart', () => {
  const plan = faultPlan(
    faults({
      watches: {
        cutAfterEvents: 7,
        cutAfter: '30s',
        cutCompacts: true,
        stall: { every: '1m', for: '5s' },
        duplicate: '1%',
        coalesce: '200ms',
        delay: { share: 0.5, max: '2s' },
      },
      requests: {
        throttle: { share: '10%', retryAfter: 3 },
        errors: 0.1,
        lostCreates: 0.2,
        drops: 0.3,
        latency: '100ms',
        slowBodies: { share: 1, bytesPerSecond: 100 },
      },
      server: {
        compactEvery: '1m',
        restart: { every: '10m', for: '20s' },
        clockSteps: [{ after: '1m', by: '5s', back: true }],
      },
    }),
  );
  expect(plan).toEqual({
    cutEveryEvents: 7,
    cutEveryUs: 30 * SECOND,
    cutCompacts: true,
    stall: { everyUs: 60 * SECOND, forUs: 5 * SECOND },
    duplicateRate: 0.01,
    coalesceUs: 200_000,
    delay: { rate: 0.5, maxUs: 2 * SECOND },
    throttle: { rate: 0.1, retryAfterSeconds: 3 },
    errorRate: 0.1,
    loseCreateRate: 0.2,
    dropRate: 0.3,
    latencyMaxUs: 100_000,
    slowBodies: { rate: 1, bytesPerSecond: 100 },
    compactEveryUs: 60 * SECOND,
    restart: { everyUs: 600 * SECOND, forUs: 20 * SECOND },
    clockSteps: [{ afterUs: 60 * SECOND, byUs: -5 * SECOND }],
  });
});

test('who is hit depends on seed and name alone, and about as many as ordered', () => {
  const ordered = faults({ volumes: { lost: 0.2, copied: 0.5 }, nodes: { skew: '2s' } });
  const claims = Array.from({ length: 500 }, (_, i) => ({
    metadata: { namespace: 'n', name: `c-${i}` },
  }));
  const hitBy = (seed: number) => {
    const { storage } = makeSimFaults(() => ordered, seed);
    return claims.filter((claim) => storage.losesVolume(claim as never));
  };
  expect(hitBy(1)).toEqual(hitBy(1));
  expect(hitBy(1)).not.toEqual(hitBy(2));
  expect(hitBy(1).length).toBeGreaterThan(70);
  expect(hitBy(1).length).toBeLessThan(130);
  const { nodeSkewUs } = makeSimFaults(() => ordered, 1);
  const skews = Array.from({ length: 50 }, (_, i) => nodeSkewUs(`worker-${i}`));
  expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(2 * SECOND);
  expect(Math.min(...skews)).toBeLessThan(0);
});

test('nodes lose their power and get it back', async () => {
  const kernel = createKernel();
  const seen: string[] = [];
  const tell = (what: string) => (node: string) => {
    seen.push(`${kernel.nowUs() / SECOND} ${node} ${what}`);
  };
  const power = { fail: tell('down'), recover: tell('up') };
  const down = [{ node: 'worker-001', after: '10s', for: '5s' }];
  orderNodeFaults(kernel, power, faults({ nodes: { down } }));
  await kernel.run(() => kernel.sleep(20 * SECOND));
  expect(seen).toEqual(['10 worker-001 down', '15 worker-001 up']);
});

test('what is wrong is named by its path', () => {
  const parsed = parseFaults({ requests: { errors: 2 }, nonsense: 1 });
  expect('problems' in parsed && parsed.problems.join('\n')).toMatch(/requests\.errors/);
});
