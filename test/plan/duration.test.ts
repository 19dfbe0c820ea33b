/** How long a plan lasts by measured waves: sizes, loops, clean-ups, and what is not known. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRun } from '../../src/analyse/open-run.ts';
import { openTarget } from '../../src/cli/target.ts';
import { SECOND } from '../../src/core/duration.ts';
import { type MeasuredStep, measuredLike, planDuration } from '../../src/plan/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { summarisePlan } from '../../src/plan/summary.ts';
import { cli, temporaryFolder } from '../cli/harness.ts';
import { SCENARIO, restoreScenario } from '../scenario/sample.ts';
import { ROOT } from '../support/sources.ts';

function durationOf(measured: readonly MeasuredStep[], ...steps: string[]) {
  const head = SCENARIO.slice(0, SCENARIO.indexOf('steps:'));
  const scenario = `${head}steps:\n${steps.map((step) => `  - ${step}\n`).join('')}`;
  const plan = makePlan(restoreScenario({ scenario }), { runId: 'r1' });
  const summary = summarisePlan(plan);
  // Images are made first; nobody asks about them here.
  const own = { ...summary, steps: summary.steps.slice(-steps.length) };
  return planDuration(own, (step) => measuredLike(step, measured));
}

const boots = (...waves: readonly [operations: number, seconds: number][]): MeasuredStep => ({
  name: 'boot rhel9',
  kind: 'boot',
  waves: waves.map(([operations, seconds]) => ({ operations, seconds })),
  cleanupSeconds: undefined,
});

const deploy = (count: number) => `deploy: { template: rhel9, count: ${count} }`;

const DEPLOYED: MeasuredStep = {
  name: 'deploy rhel9',
  kind: 'deploy',
  waves: [{ operations: 100, seconds: 10 }],
  cleanupSeconds: 0.5,
};

describe('a wave takes what was measured', () => {
  const boot = (size: number, more = 'pause: 5s') =>
    `boot: { template: rhel9, wave: { size: ${size}, ${more} } }`;
  const steps = (size: number, more?: string) => [deploy(100), boot(size, more)] as const;

  test.each([
    // Waves after each other with a pause between; their own mean, fastest and slowest.
    [50, 10 + 2 * 30 + 5, 10 + 2 * 20 + 5, 10 + 2 * 40 + 5, []],
    // Half-way between sizes.
    [25, 10 + 4 * 20 + 15, undefined, undefined, []],
    // Beyond the greatest, on the same line.
    [100, 10 + 50, undefined, undefined, ['boot rhel9']],
  ])('in waves of %i', (size, seconds, least, most, extrapolated) => {
    const measured = [DEPLOYED, boots([10, 14], [50, 20], [50, 40])];
    const found = durationOf(measured, ...steps(size));
    expect(found.seconds).toBeCloseTo(seconds, 6);
    if (least !== undefined) expect([found.least, found.most]).toEqual([least, most]);
    expect(found).toMatchObject({ unmeasured: [], extrapolated });
  });

  test('in an open loop by the clock, and the last one to its end', () => {
    const found = durationOf([DEPLOYED, boots([25, 30])], ...steps(25, 'every: 12s'));
    expect(found.seconds).toBe(10 + 3 * 12 + 30);
  });

  test('and a step that nobody measured is named', () => {
    const found = durationOf([DEPLOYED], ...steps(50));
    expect(found.unmeasured).toEqual(['boot rhel9']);
    expect(found.seconds).toBeLessThan(20);
  });
});

test('bench plan --run says what the run took, and more for a greater load', async () => {
  const results = temporaryFolder();
  const tiny = join(ROOT, 'test/support/tiny.yaml');
  const where = ['--results', results];
  await cli(['run', tiny, '--run-id', 'r', ...where], { openTarget });
  const lasts = async (...more: readonly string[]) => {
    const { out } = await cli(['plan', tiny, '--run', 'r', '--json', ...where, ...more]);
    return JSON.parse(out).lasts;
  };
  const own = await lasts();
  const { end } = openRun(join(results, 'tiny/r/history.ndjson'));
  // Not the clean-up after the last step, and not what is between two of them.
  expect(own.seconds / ((end?.t ?? 0) / SECOND)).toBeCloseTo(1, 1);
  expect(own).toMatchObject({ run: 'r', unmeasured: [], extrapolated: [] });
  const more = await lasts(
    '--set',
    'steps.1.deploy.count=8',
    '--set',
    'steps.1.deploy.wave.size=8',
  );
  expect(more.extrapolated).toEqual(['deploy rhel9']);
  expect(more.seconds).toBeGreaterThan(own.seconds * 1.3);
});
