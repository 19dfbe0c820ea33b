/** Nights on which clones took another path than was asked for: what is gated, and what is said. */

import { describe, expect, test } from 'vitest';
import { gatedSeries } from '../../../src/compare/nightly/gated-series.ts';
import { judgeNight } from '../../../src/compare/nightly/judge-night.ts';
import {
  historyOf,
  metricRecord,
  night,
  type NightDraft,
  nightFiles,
} from '../../support/nights.ts';

const ARM = { step: 'clones', image: 'rhel9', source: 'snapshot' };
const COPIED = { ...ARM, path: 'copy' };

/** One night of clones at this median, and copies where there are any. */
function draft(index: number, asked: number | undefined, copied?: number): NightDraft {
  const record = (dimensions: typeof ARM, seconds: number | undefined) =>
    seconds === undefined ? [] : [metricRecord('clone', dimensions, { value: seconds })];
  return { index, metrics: [...record(ARM, asked), ...record(COPIED, copied)] };
}

const HISTORY = historyOf(
  Array.from({ length: 30 }, (_, index) => night(draft(index, 30 + (index % 3) / 10))),
);

const LIMIT = {
  metric: 'clone',
  step: undefined,
  image: undefined,
  source: undefined,
  statistic: 'p50',
  limitSeconds: 60,
} as const;

function judge(tonight: NightDraft) {
  const facts = { ...tonight, slo: [LIMIT] };
  const options = { dryRun: false, strict: false };
  return judgeNight({
    ...nightFiles(facts),
    tonight: night(facts),
    history: HISTORY,
    acknowledgements: [],
    options,
  });
}

describe('copies', () => {
  test('are no series, no limit is held against them, and they are doubted', () => {
    const verdict = judge(draft(30, 30.1, 400));
    expect(verdict.exitCode).toBe(0);
    expect(verdict.series.map(({ statistic }) => statistic)).toEqual([
      'p95',
      'successShare',
      'p50',
    ]);
    expect(verdict.serviceLevels.map(({ state }) => state)).toEqual(['kept']);
    const doubt = 'step clones: 100 clones took another path than was asked for (copy)';
    expect(verdict.quality).toEqual([{ check: 'clonePath', severity: 'doubt', message: doubt }]);
  });

  test('of a whole arm make its series vanish, which is no pass', () => {
    const verdict = judge(draft(30, undefined, 400));
    expect(verdict).toMatchObject({ verdict: 'invalid', exitCode: 3 });
    expect(verdict.headline).toContain('vanished');
  });
});

test('the pace of waves is gated by its median, to the millisecond', () => {
  const boot = { step: 'boots', image: 'rhel9' };
  const metrics = [
    metricRecord('guestReady', boot, { value: 30 }),
    metricRecord('wavePace', boot, { value: 0.2 }),
  ];
  const gated = gatedSeries(night({ index: 0, metrics })).find(
    ({ key }) => key.metric === 'wavePace',
  );
  expect(gated).toMatchObject({
    key: { statistic: 'p50', step: 'boots' },
    tolerance: { minMagnitude: 0.05, minDifference: 0.001 },
  });
});
