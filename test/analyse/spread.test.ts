/** Percentiles of groups: of all that was asked for, wherever pictures show them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { groupMedians, spread, spreadOfValues } from '../../src/analyse/spread.ts';
import { exactly, type Observation } from '../../src/analyse/statistics/observation.ts';
import { readSources, ROOT } from '../support/sources.ts';

const FAILED: Observation = { state: 'failed' };

test('misses are at the far end, none is dropped', () => {
  const observations = [exactly(1), exactly(2), FAILED, FAILED];
  expect(spread(observations, [0.25, 0.5, 0.75, 1])).toEqual([1, 2, Infinity, Infinity]);
  expect(spreadOfValues([3, 1, 2], [0.5, 1])).toEqual([2, 3]);
});

describe('nodes', () => {
  test('one on which 9 of 10 VMs failed is the slowest, not the fastest', () => {
    const groups = new Map<string, readonly Observation[]>([
      ['bad', [exactly(1), ...Array.from({ length: 9 }, () => FAILED)]],
      ['good', Array.from({ length: 10 }, (_, i) => exactly(20 + i))],
    ]);
    const [first, last] = groupMedians(groups);
    expect([first?.name, first?.median]).toEqual(['good', { value: 24 }]);
    expect([last?.name, last?.median, last?.n, last?.reached]).toEqual([
      'bad',
      { never: true },
      10,
      1,
    ]);
  });

  test('the interval of a median reaches among misses where its rank lies there', () => {
    const half = Array.from({ length: 20 }, (_, i) => (i < 12 ? exactly(i + 1) : FAILED));
    const [only] = groupMedians(new Map([['node', half]]));
    expect(only).toMatchObject({ median: { value: 10 }, lo: 6, hi: Infinity });
  });
});

/** Three policies for the percentile of one wave: that is what comes of computing them twice. */
test('percentiles are computed in analyse/ alone', () => {
  const own = readSources()
    .filter(({ path }) => path.startsWith('report/') || path.startsWith('run/'))
    .filter(({ path }) =>
      /\b(quantileSorted|estimateQuantile|readQuantiles|rankInterval)\b/.test(
        readFileSync(join(ROOT, 'src', path), 'utf8'),
      ),
    );
  expect(own.map(({ path }) => path)).toEqual([]);
});
