/** Clones that took another path than their source asks for: counted apart, and compared to nothing. */

import { describe, expect, test } from 'vitest';
import type { MetricRecord } from '../../src/analyse/metric-record.ts';
import type { Metric } from '../../src/catalogue/metrics.ts';
import { summarise, type Summary } from '../../src/analyse/summary.ts';
import { seconds } from '../../src/core/duration.ts';
import { wavesCsv } from '../../src/report/csv/csv.ts';
import { renderTables } from '../../src/report/terminal.ts';
import { history } from '../support/history.ts';

type Source = 'pvc' | 'snapshot';

interface Cloned {
  readonly source: Source;
  readonly type: string | undefined;
  readonly reason?: string;
  readonly wave: number;
  /** Undefined where it has not Succeeded. */
  readonly takes: number | undefined;
}

/** One step in which these were cloned, waves in order of their index. */
function cloned(clones: readonly Cloned[]): Summary {
  const draft = history();
  const variants = [
    { image: 'rhel9', source: 'pvc' },
    { image: 'rhel9', source: 'snapshot' },
  ];
  const until = 'dataVolumeSucceeded';
  const step = draft.step({ kind: 'clone', name: 'clones', variants, until, interleaved: true });
  const waves = [...new Set(clones.map(({ wave }) => wave))].sort((a, b) => a - b);
  for (const wave of waves) {
    const own = clones.filter((one) => one.wave === wave);
    draft.wave({ step, wave, at: wave * 1000, n: own.length });
    for (const [i, { source, type, reason, takes }] of own.entries()) {
      const at = wave * 1000 + i;
      const { operation, object } = draft.clone({
        step,
        wave,
        name: `clone-${wave}-${i}`,
        variant: source === 'pvc' ? 0 : 1,
        source,
        sent: at,
        seen: at,
        ...(takes === undefined ? {} : { succeeded: at + takes }),
      });
      const name = `clone-${wave}-${i}`;
      const claim = draft.object({ kind: 'PersistentVolumeClaim', name, at, owner: object });
      if (type !== undefined) draft.change(claim, at + 0.1, ['cloneType', type]);
      if (reason !== undefined) draft.change(claim, at + 0.1, ['cloneFallbackReason', reason]);
      if (takes === undefined) draft.miss(operation, at + 900, 'censored');
    }
  }
  draft.end(waves.length * 1000);
  return summarise(draft.run());
}

function wave(index: number, source: Source, n: number, type: string, takes = 10): Cloned[] {
  const reason = type === 'copy' ? { reason: 'NoVolumeSnapshotClass' } : {};
  return Array.from({ length: n }, (_, i) => ({
    source,
    type,
    ...reason,
    wave: index,
    takes: takes + i,
  }));
}

function records(summary: Summary, metric: Metric, source: Source): readonly MetricRecord[] {
  return summary.metrics.filter((one) => one.metric === metric && one.dimensions.source === source);
}

const WARNING = 'clones took another path than was asked for, copy (NoVolumeSnapshotClass)';

describe('a part of an arm that was copied', () => {
  const summary = cloned([
    ...wave(0, 'pvc', 5, 'csi-clone', 60),
    ...wave(1, 'snapshot', 4, 'snapshot'),
    { source: 'snapshot', type: 'copy', reason: 'NoVolumeSnapshotClass', wave: 1, takes: 500 },
    { source: 'snapshot', type: 'copy', wave: 1, takes: undefined },
    { source: 'snapshot', type: undefined, wave: 1, takes: undefined },
    ...wave(2, 'snapshot', 3, 'copy', 400),
    ...wave(3, 'pvc', 2, 'snapshot', 50),
  ]);

  test('has a record of its own, and the counts of the two add up', () => {
    const [asked, copied] = records(summary, 'clone', 'snapshot');
    expect(asked?.dimensions).toEqual({ step: 'clones', image: 'rhel9', source: 'snapshot' });
    expect(copied?.dimensions).toEqual({ ...asked?.dimensions, path: 'copy' });
    expect(asked).toMatchObject({ n: 5, reached: 4, failed: 0, censored: 1 });
    expect(copied).toMatchObject({ n: 5, reached: 4, failed: 0, censored: 1 });
    expect(asked?.max?.value).toBe(13);
    expect(copied?.min?.value).toBe(400);
    const responses = records(summary, 'cloneResponse', 'snapshot');
    expect(responses.map(({ n }) => n)).toEqual([5, 5]);
  });

  test('is warned about on the arm, and on itself', () => {
    const [asked, copied] = records(summary, 'clone', 'snapshot');
    const how = 'copy (NoVolumeSnapshotClass), copy (no reason given)';
    expect(asked?.warnings.at(-1)).toBe(
      `5 of 10 clones took another path than was asked for, ${how}: ` +
        'they have a record of their own and are not in this one',
    );
    expect(copied?.warnings.at(-1)).toBe(`not the path that was asked for: ${how}`);
    const [makespan] = records(summary, 'waveMakespan', 'snapshot');
    expect(makespan?.warnings.at(-1)).toContain('this figure includes them');
  });

  test('is in no wave of the arm, and counted beside it', () => {
    const [longest, copied] = records(summary, 'waveClone', 'snapshot');
    expect(longest).toMatchObject({ n: 1, censored: 1 });
    expect(copied).toMatchObject({ n: 2 });
    const rows = summary.waves.map(({ wave: index, n, fellBack, spans }) => [
      index,
      n,
      fellBack,
      spans.clone?.n,
    ]);
    expect(rows).toEqual([
      [0, 5, undefined, 5],
      [1, 7, 2, 5],
      [2, 3, 3, undefined],
      [3, 2, undefined, 2],
    ]);
    const csv = [...wavesCsv(summary)].join('').trim().split('\n');
    expect(csv.map((line) => line.split(',').at(-1))).toEqual([
      'clone_fallbacks',
      '',
      '2',
      '3',
      '',
    ]);
  });

  test('is not compared; what remains is, though no longer in pairs', () => {
    const comparison = summary.comparisons.find(({ metric }) => metric === 'clone');
    expect(comparison?.counts).toMatchObject({ baseline: { n: 7 }, head: { n: 5 } });
    expect(comparison?.design).toBe('independent');
    expect(comparison?.ratioOfMeans?.value).toBeCloseTo(
      (60 + 61 + 62 + 63 + 64 + 50 + 51) / 7 / ((10 + 11 + 12 + 13) / 4),
      6,
    );
    expect(comparison?.warnings.at(-1)).toMatch(/^snapshot: 5 of 10 clones took another path/);
  });

  test('a smart clone is what a PVC source may ask for', () => {
    expect(records(summary, 'clone', 'pvc')).toMatchObject([{ n: 7, reached: 7 }]);
  });

  test('is told in the tables', () => {
    const text = renderTables(summary);
    expect(text).toContain('RHEL 9 snapshot via copy clone');
    expect(text.replace(/\s+/g, ' ')).toContain('5 of 10 clones took another path');
  });
});

describe('an arm that was copied as a whole', () => {
  const summary = cloned([
    ...wave(0, 'pvc', 3, 'csi-clone', 60),
    ...wave(1, 'snapshot', 3, 'copy', 300),
    ...wave(2, 'snapshot', 3, 'copy', 300),
    ...wave(3, 'pvc', 3, 'csi-clone', 60),
  ]);

  test('has no record of the path asked for, and a comparison without a ratio that says why', () => {
    expect(records(summary, 'clone', 'snapshot')).toMatchObject([
      { dimensions: { path: 'copy' }, n: 6, reached: 6 },
    ]);
    const withheld = `snapshot: all 6 ${WARNING}`;
    expect(summary.comparisons).toEqual(
      ['clone', 'waveClone'].map((metric) => ({
        metric,
        dimensions: { step: 'clones', image: 'rhel9' },
        baseline: { source: 'pvc' },
        head: { source: 'snapshot' },
        order: 'interleaved',
        counts: {
          baseline: expect.objectContaining({ n: metric === 'clone' ? 6 : 2 }),
          head: expect.objectContaining({ n: metric === 'clone' ? 6 : 2 }),
        },
        withheld,
        warnings: [withheld],
      })),
    );
    expect(renderTables(summary).replace(/\s+/g, ' ')).toContain(`not compared (${withheld}`);
  });
});

test('waves whose neighbour was copied as a whole are no pairs of others', () => {
  const { comparisons } = cloned([
    ...wave(0, 'pvc', 3, 'copy', 300),
    ...wave(1, 'snapshot', 3, 'snapshot'),
    ...wave(2, 'snapshot', 3, 'copy', 300),
    ...wave(3, 'pvc', 3, 'csi-clone', 60),
  ]);
  expect(comparisons[0]).toMatchObject({ design: 'independent', counts: { head: { n: 3 } } });
});

test('CDI that says no clone type is known by the phase that only copies go through', () => {
  const draft = history();
  const variants = [{ image: 'rhel9', source: 'snapshot' }];
  const step = draft.step({ kind: 'clone', variants, until: 'dataVolumeSucceeded' });
  draft.wave({ step, wave: 0, at: 0, n: 1 });
  const { object } = draft.clone({ step, name: 'c', source: 'snapshot', seen: 0, succeeded: 9 });
  draft.add({ e: 'tr', t: seconds(1), o: object, c: [['phase', 'CloneInProgress']] });
  draft.end(10);
  const summary = summarise(draft.run());
  expect(records(summary, 'clone', 'snapshot')[0]?.dimensions.path).toBe('copy');
});
