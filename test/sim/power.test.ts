/** What a loss of power costs, as shipped scenarios ask for it, on the embedded cluster. */

import { describe, expect, test } from 'vitest';
import { computeMean, embeddedRun, findRecord } from '../support/embedded-run.ts';

describe('node failure', () => {
  const run = () => embeddedRun('node-failure', ['steps.0.deploy.count=8']);

  test('it is found by its silence, evicted by its tolerations, and fenced', async () => {
    const failed = await run();
    const step = (name: string) => computeMean(failed, 'act', { step: name });
    expect(step('detection')).toBeGreaterThan(30);
    expect(step('detection')).toBeLessThan(46);
    expect(computeMean(failed, 'stage', { stage: 'evicted' })).toBeCloseTo(300, 0);
    // The collector of pods looks every 20 s.
    const gone = computeMean(failed, 'stage', { stage: 'old instance gone' });
    expect(gone - step('eviction')).toBeGreaterThan(0);
    expect(gone - step('eviction')).toBeLessThan(25);
    const back = findRecord(failed, 'act', { step: 'failover' });
    expect(back).toMatchObject({ n: 2, failed: 0, censored: 0 });
    // A server boots for some minutes.
    expect(step('node back')).toBeGreaterThan(120);
  });

  test('constants of servers are listed where they lose their power, and there alone', async () => {
    const { summary } = await run();
    expect(summary.simulation?.counters['powerLosses']).toBe(1);
  });
});
