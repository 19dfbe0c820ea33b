/** The life of a VM after its boot, as shipped scenarios ask for it, on the embedded cluster. */

import { describe, expect, test } from 'vitest';
import { computeMean, embeddedRun, findRecord, valueOf } from '../support/embedded-run.ts';

/** Figures of a step with what it waits for, in the order of its stages. */
async function stagesOf(name: string, overrides: readonly string[], stages: readonly string[]) {
  const run = await embeddedRun(name, overrides);
  return stages.map((stage) => computeMean(run, 'stage', { stage }));
}

describe('restart', () => {
  const FEW = ['steps.0.deploy.count=2', 'steps.2.act.wave.size=2'];

  test('the old instance goes, a new one runs, and its guest answers', async () => {
    const run = await embeddedRun('restart', FEW);
    const stages = ['old instance gone', 'running', 'guest'];
    const parts = await stagesOf('restart', FEW, stages);
    expect(parts.every((seconds) => seconds > 0)).toBe(true);
    const whole = computeMean(run, 'act', { step: 'restart' });
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(whole, 3);
    // The guest shuts down, and then boots as it did before.
    expect(whole).toBeGreaterThan(computeMean(run, 'guestReady'));
  });
});

describe('volume expansion', () => {
  test('all claims get their size, some later than others: the resizer has a budget', async () => {
    const FEW = ['steps.0.deploy.count=12', 'steps.2.act.wave.size=12'];
    const run = await embeddedRun('expand-volume', FEW);
    const record = findRecord(run, 'act', { step: 'expand' });
    expect(record.reached).toBe(12);
    expect(valueOf(record.max)).toBeGreaterThan(valueOf(record.min));
  });
});
