import { describe, expect, test } from 'vitest';
import type { MetricRecord } from '../../src/analyse/metric-record.ts';
import type { Metric } from '../../src/catalogue/metrics.ts';
import type { Dimensions } from '../../src/analyse/span.ts';
import { type Summary, summarise } from '../../src/analyse/summary.ts';
import { type HistoryDraft, history } from '../support/history.ts';
import { sampleHistory } from '../support/sample-run.ts';

function record(
  summary: Summary,
  metric: Metric,
  wanted: Partial<Dimensions> = {},
): MetricRecord | undefined {
  const found = summary.metrics.filter(
    (one) =>
      one.metric === metric &&
      Object.entries(wanted).every(([key, value]) => one.dimensions[key as 'step'] === value),
  );
  expect(found.length, `${metric} ${JSON.stringify(wanted)}`).toBeLessThan(2);
  return found[0];
}

/** One step of waves of clones from a PVC that took these seconds; undefined is a miss. */
function clones(waves: readonly (readonly (number | undefined)[])[]): HistoryDraft {
  const draft = history();
  const variants = [{ image: 'rhel9', source: 'pvc' }];
  const step = draft.step({ kind: 'clone', name: 'clones', variants, until: 'claimBound' });
  waves.forEach((lengths, wave) => {
    const at = wave * 1000;
    draft.wave({ step, wave, at, n: lengths.length });
    lengths.forEach((length, i) => {
      const name = `c-${wave}-${i}`;
      if (length !== undefined) {
        draft.clone({ step, wave, name, seen: at + i, succeeded: at + i + length });
      } else {
        const { operation } = draft.clone({ step, wave, name, seen: at + i });
        draft.miss(operation, at + i + 900, 'censored');
      }
    });
  });
  draft.end(waves.length * 1000);
  return draft;
}

describe('a record', () => {
  const summary = summarise(clones([[10, 20, 30, 40]]).run());

  test('has counts, mean, percentiles by inverse ECDF, min and max in seconds', () => {
    expect(record(summary, 'clone')).toMatchObject({
      dimensions: { step: 'clones', image: 'rhel9', source: 'pvc' },
      n: 4,
      reached: 4,
      failed: 0,
      censored: 0,
      mean: { value: 25 },
      p50: { value: 20 },
      p90: { value: 40 },
      min: { value: 10 },
      max: { value: 40 },
    });
  });

  test('says what one wave cannot carry', () => {
    const found = record(summary, 'clone');
    expect(found?.mean).not.toHaveProperty('lo');
    expect(found?.warnings.join('\n')).toMatch(/need >= 8 waves/);
    expect(found?.warnings.join('\n')).toMatch(/need >= 368 values.*p99/);
  });

  test('counts the missed in its percentiles, and not in its mean', () => {
    const missed = record(summarise(clones([[10, 20, undefined, undefined]]).run()), 'clone');
    expect(missed).toMatchObject({ n: 4, reached: 2, censored: 2, mean: { value: 15 } });
    expect(missed?.p50).toMatchObject({ value: 20 });
    expect(missed?.p90).toEqual({ over: 900 });
    expect(missed?.warnings).toContain('reachedOnly');
  });

  test('pools waves of a step, never steps', () => {
    const draft = clones([[10], [20]]);
    draft.step({ kind: 'clone', name: 'more', variants: [{ source: 'pvc' }], until: 'claimBound' });
    draft.wave({ step: 1, wave: 0, at: 5000 });
    draft.clone({ step: 1, name: 'x', seen: 5000, succeeded: 5100 });
    const both = summarise(draft.run());
    expect(record(both, 'clone', { step: 'clones' })?.n).toBe(2);
    expect(record(both, 'clone', { step: 'more' })?.n).toBe(1);
  });

  test('keeps two steps of one name apart', () => {
    const draft = clones([[10]]);
    const variants = [{ image: 'rhel9', source: 'pvc' }];
    draft.step({ kind: 'clone', name: 'clones', variants, until: 'claimBound' });
    draft.wave({ step: 1, wave: 0, at: 5000 });
    draft.clone({ step: 1, name: 'x', seen: 5000, succeeded: 5100 });
    const values = summarise(draft.run()).metrics.filter(({ metric }) => metric === 'clone');
    expect(values.map(({ n }) => n)).toEqual([1, 1]);
  });
});

describe('waves', () => {
  const summary = summarise(
    clones([
      [10, 20],
      [30, 50],
      [5, undefined],
    ]).run(),
  );

  test('count with their longest span, a missed one with what is known of it', () => {
    const waves = record(summary, 'waveClone');
    expect(waves).toMatchObject({ n: 3, reached: 2, censored: 1, mean: { value: 35 } });
    expect(waves?.max).toEqual({ value: 50 });
    expect(waves?.p99).toEqual({ over: 900 });
  });

  test('have rows of their own', () => {
    expect(summary.waves.map(({ wave, release, n }) => [wave, release, n])).toEqual([
      [0, 0, 2],
      [1, 1000, 2],
      [2, 2000, 2],
    ]);
    expect(summary.waves[0]?.spans.clone).toMatchObject({
      mean: 15,
      p50: { value: 10 },
      longest: { value: 20 },
    });
    expect(summary.waves[2]?.spans.clone?.longest).toEqual({ over: 900 });
  });

  test('run their makespan from the release to the last milestone', () => {
    const draft = history();
    const step = draft.step({ kind: 'boot', variants: [{ image: 'r' }], until: 'guestReady' });
    draft.wave({ step, wave: 0, at: 100, n: 2 });
    draft.boot({ step, name: 'a', sent: 101, seen: 102, running: 105, guestReady: 130 });
    draft.boot({ step, name: 'b', sent: 103, seen: 104, running: 106, guestReady: 125 });
    const booted = summarise(draft.run());
    expect(record(booted, 'waveMakespan')?.mean).toEqual({ value: 30 });
    expect(record(booted, 'waveGuestReady')?.mean).toEqual({ value: 28 });
    expect(record(booted, 'waveRunning')?.mean).toEqual({ value: 3 });
  });

  test('of a step that waits for nothing are measured to what it is for', () => {
    const draft = history();
    const step = draft.step({ kind: 'boot', variants: [{ image: 'r' }], until: 'none' });
    draft.wave({ step, wave: 0, at: 100 });
    draft.boot({ step, name: 'a', sent: 101, seen: 102, running: 105 });
    expect(record(summarise(draft.run()), 'waveMakespan')?.mean).toEqual({ value: 5 });
  });
});

describe('the sample run', () => {
  const run = sampleHistory().run();
  const summary = summarise(run, { simulation: { counters: { flattens: 3 } } });

  test('loses nothing', () => {
    for (const { metric, n, reached, failed, censored } of summary.metrics) {
      expect(reached + failed + censored, metric).toBe(n);
    }
    expect(record(summary, 'guestReady', { image: 'rhel9' })).toMatchObject({
      n: 20,
      reached: 19,
      failed: 0,
      censored: 1,
    });
    expect(record(summary, 'guestReady', { image: 'windows11' })).toMatchObject({
      n: 20,
      reached: 19,
      failed: 1,
      censored: 0,
    });
    expect(record(summary, 'vmiRunning', { image: 'windows11' })).toMatchObject({ reached: 20 });
    expect(record(summary, 'waveGuestReady', { image: 'windows11' })).toMatchObject({
      n: 10,
      reached: 9,
      failed: 1,
    });
  });

  test('leaves warm-up waves out of the figures and keeps them in the rows', () => {
    expect(record(summary, 'clone', { source: 'pvc', step: 'PVC or snapshot' })?.n).toBe(45);
    const rows = summary.waves.filter(({ dimensions }) => dimensions.step === 'PVC or snapshot');
    expect(rows).toHaveLength(20);
    expect(rows.filter(({ warmup }) => warmup)).toHaveLength(2);
  });

  test('gives one record per image where images share waves', () => {
    const images = summary.metrics
      .filter(({ metric }) => metric === 'waveGuestReady')
      .map(({ dimensions }) => dimensions.image);
    expect(images).toEqual(['rhel9', 'windows11']);
  });

  test('compares clones from a PVC with clones from a snapshot, in pairs of waves', () => {
    const clone = summary.comparisons.find(({ metric }) => metric === 'clone');
    expect(clone).toMatchObject({
      dimensions: { step: 'PVC or snapshot', image: 'rhel9' },
      baseline: { source: 'pvc' },
      head: { source: 'snapshot' },
      design: 'paired',
    });
    expect(clone?.ratioOfMeans?.value).toBeGreaterThan(8);
    expect(clone?.ratioOfMeans?.value).toBeLessThan(12);
    expect(clone?.ratioOfMeans?.lo).toBeLessThan(clone?.ratioOfMeans?.value ?? 0);
    expect(clone?.ratioOfMedians?.value).toBeGreaterThan(8);
  });

  test('tells what the arms cost in storage, warm-up included', () => {
    const rows = summary.storage.map(({ dimensions, operations, grownBytes }) => [
      dimensions.source,
      operations,
      grownBytes / 2 ** 30,
    ]);
    expect(rows).toEqual([
      ['pvc', 50, 30],
      ['snapshot', 50, 1.25],
    ]);
  });

  test('is simulated, and says what the simulator counted', () => {
    expect(summary.run).toEqual({
      id: 'r1',
      scenario: 'by-hand',
      target: 'simulated',
      seed: 7,
      outcome: 'partial',
    });
    expect(summary.simulation?.counters).toEqual({ flattens: 3 });
    expect(summarise(run)).not.toHaveProperty('simulation');
  });

  test('has no digits beyond the microsecond', () => {
    const digits = JSON.stringify(summary.metrics).match(/\d+\.\d+/g) ?? [];
    expect(digits.length).toBeGreaterThan(100);
    expect(digits.filter((number) => (number.split('.')[1] ?? '').length > 6)).toEqual([]);
  });

  test('is the same text each time', () => {
    const again = summarise(sampleHistory().run(), { simulation: { counters: { flattens: 3 } } });
    expect(JSON.stringify(again)).toBe(JSON.stringify(summary));
  });
});

describe('stages', () => {
  test('a skipped stage takes no time of its own', () => {
    const draft = history();
    const variants = [{ image: 'rhel9', source: 'snapshot' }];
    const step = draft.step({ kind: 'clone', variants, until: 'claimBound' });
    draft.clone({
      step,
      name: 'a',
      seen: 0,
      scheduled: 1,
      inProgress: 3,
      rebind: 9,
      succeeded: 10,
    });
    draft.clone({ step, name: 'b', seen: 0, scheduled: 2, succeeded: 10 });
    const [breakdown] = summarise(draft.run()).stages;
    expect(breakdown).toMatchObject({ of: 'clone', n: 2 });
    expect(breakdown?.stages).toEqual([
      { stage: 'created', seconds: 1.5 },
      { stage: 'scheduled', seconds: 5 },
      { stage: 'inProgress', seconds: 3 },
      { stage: 'rebind', seconds: 0.5 },
    ]);
  });

  test('of a boot start with the request and end with the guest', () => {
    const draft = history();
    const step = draft.step({ kind: 'boot', variants: [{ image: 'r' }], until: 'guestReady' });
    draft.boot({
      step,
      name: 'a',
      sent: 10,
      seen: 11,
      scheduling: 13,
      scheduled: 16,
      running: 20,
      guestReady: 40,
    });
    const [breakdown] = summarise(draft.run()).stages;
    expect(breakdown?.stages).toEqual([
      { stage: 'startAsked', seconds: 1 },
      { stage: 'created', seconds: 2 },
      { stage: 'scheduling', seconds: 3 },
      { stage: 'scheduled', seconds: 4 },
      { stage: 'running', seconds: 20 },
    ]);
  });
});

describe('validity', () => {
  test('a run with many late sightings says why it is not to be trusted', () => {
    const draft = history();
    const step = draft.step({ kind: 'clone', variants: [{ source: 'pvc' }], until: 'claimBound' });
    const { object } = draft.clone({ step, name: 'a', seen: 1 });
    draft.change(object, 30, ['phase', 'Succeeded'], 10);
    draft.add({ e: 'gap', k: 'datavolumes', from: 10e6, t: 30e6, cause: 'gone', relist: true });
    const { validity } = summarise(draft.run());
    expect(validity).toMatchObject({
      valid: false,
      watchGaps: { count: 1, seconds: 20, relists: 1 },
    });
    expect(validity.reasons.join()).toMatch(/known to an interval only/);
  });

  test('too few values are no defect', () => {
    expect(summarise(clones([[1]]).run()).validity).toMatchObject({ valid: true, reasons: [] });
  });
});
