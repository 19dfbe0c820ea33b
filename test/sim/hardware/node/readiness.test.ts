import { expect, test } from 'vitest';
import { SECOND } from '../../../../src/core/duration.ts';
import { readyAfterUs } from '../../../../src/sim/hardware/node/readiness.ts';

test.each([
  // The worker asks at 0, 5, 10 s after the volumes were mounted.
  ['quick to start', { initialDelaySeconds: 2, periodSeconds: 5 }, 1, 4],
  ['slow to start', { initialDelaySeconds: 2, periodSeconds: 5 }, 4.2, 5.8],
  ['asked as soon as it may be', { initialDelaySeconds: 2, periodSeconds: 5 }, 3, 2],
  ['defaults', {}, 4, 6],
])('%s', (_, probe, startingS, readyS) => {
  expect(readyAfterUs(probe, startingS * SECOND) / SECOND).toBeCloseTo(readyS, 6);
});

test('a container without a probe is ready once it runs', () => {
  expect(readyAfterUs(undefined, 4 * SECOND)).toBe(0);
});
