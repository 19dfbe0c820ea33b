/**
 * A milestone and a metric that are added to the catalogue alone: a run is made with them, and they
 * are everywhere. Nothing but the two catalogues is replaced here.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { evaluate, type Evaluation, measure, writeRows } from '../../src/benchmark.ts';
import type * as Metrics from '../../src/catalogue/metrics.ts';
import type * as Milestones from '../../src/catalogue/milestones.ts';
import type { Night } from '../../src/compare/history/night.ts';
import { gatedSeries } from '../../src/compare/nightly/gated-series.ts';
import { judgeServiceLevels } from '../../src/compare/nightly/service-levels.ts';
import { openTarget } from '../../src/cli/target.ts';
import { createRunFolder, type RunFolder } from '../../src/record/layout.ts';
import { renderHtml } from '../../src/report/html/render-html.ts';
import { figuresOfRun } from '../../src/report/inputs/figures-of-run.ts';
import { describeProvenance, reportDocument } from '../../src/report/report-document.ts';
import { renderTables } from '../../src/report/terminal.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { jsonSchema } from '../../src/scenario/schema.ts';
import { ROOT } from '../support/sources.ts';

vi.mock('../../src/catalogue/milestones.ts', async (original) => {
  const real = await original<typeof Milestones>();
  const scheduled = { kind: 'VirtualMachineInstance', change: 'phase', value: 'Scheduled' };
  const vmiScheduled = {
    of: 'vmi',
    reached: scheduled,
    stamped: scheduled,
    word: 'scheduled',
    isPurpose: false,
  };
  return { ...real, MILESTONES: { ...real.MILESTONES, vmiScheduled } };
});

vi.mock('../../src/catalogue/metrics.ts', async (original) => {
  const real = await original<typeof Metrics>();
  const { vmiRunning, waveRunning } = real.METRICS;
  const words = { heading: 'VMI Scheduled', meaning: 'first sight of a VMI to phase Scheduled' };
  const vmiScheduled = {
    ...vmiRunning,
    ...words,
    milestone: 'vmiScheduled',
    response: undefined,
    longest: 'waveScheduled',
    column: 'vmi_scheduled',
  };
  const waveScheduled = { ...waveRunning, ...words, milestone: 'vmiScheduled' };
  return { ...real, METRICS: { ...real.METRICS, vmiScheduled, waveScheduled } };
});

const SCENARIO = join(ROOT, 'test', 'support', 'tiny.yaml');

let scenario: Scenario;
let folder: RunFolder;
let evaluation: Evaluation;

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'tiny.yaml');
  const templates = join(ROOT, 'scenarios');
  const text = readFileSync(SCENARIO, 'utf8').replaceAll('../../scenarios', templates);
  writeFileSync(file, `${text}slo:\n  - { metric: vmiScheduled, max: 1h }\n`);
  const loaded = loadScenario(file, []);
  if (!('scenario' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  ({ scenario } = loaded);
  const created = createRunFolder(mkdtempSync(join(tmpdir(), 'bench-')), 'tiny', 'run');
  if (!('folder' in created)) throw new Error(JSON.stringify(created));
  ({ folder } = created);
  await measure(scenario, folder, (await openTarget(scenario, { seed: 1 })).open());
  evaluation = evaluate(folder);
  writeRows(folder, evaluation);
});

/** Whoever wrote the night, it holds the metrics of the summary. */
function night(): Night {
  const metrics = evaluation.summary.metrics.map((record) => ({ ...record, ...record.dimensions }));
  return { metrics } as unknown as Night;
}

test('the summary has it, whole, and its longest of each wave', () => {
  const find = (name: string) =>
    evaluation.summary.metrics.find(({ metric }) => String(metric) === name);
  expect(find('vmiScheduled')).toMatchObject({ n: 4, reached: 4 });
  expect(find('waveScheduled')).toMatchObject({ n: 2, reached: 2 });
  const before = find('vmiScheduled')?.mean?.value ?? Number.NaN;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(find('vmiRunning')?.mean?.value ?? 0);
});

test('the terminal shows it', () => {
  expect(renderTables(evaluation.summary)).toMatch(/vmiScheduled|VMI Scheduled/);
});

test('the page shows it', () => {
  const source = { run: evaluation.run, summary: evaluation.summary, manifest: undefined };
  const figures = figuresOfRun(source);
  const reported = { source, series: [], figures, provenance: describeProvenance(source) };
  const document = reportDocument([reported]);
  const page = renderHtml(document, () => 'data:,');
  expect(page).toMatch(/<td[^>]*>(vmiScheduled|VMI Scheduled)/);
});

test('the files have rows and columns of it', () => {
  const read = (name: string) => readFileSync(join(folder.path, name), 'utf8');
  expect(read('waves.csv').split('\n')[0]).toContain(',vmi_scheduled_longest_s,');
  expect(read('samples.csv')).toContain(',vmiScheduled,');
});

test('nights are judged by it', () => {
  const keys = gatedSeries(night()).map(({ key }) => `${key.metric} ${key.statistic}`);
  expect(keys).toContain('vmiScheduled p50');
});

test('a boot may wait for the milestone', () => {
  const { steps } = jsonSchema()['properties'] as { steps: { items: object } };
  const { boot } = Reflect.get(steps.items, 'properties');
  const { until } = boot.properties.wave.properties;
  const [{ enum: words }] = until.anyOf;
  expect(words).toEqual(['guestReady', 'running', 'ip', 'scheduled', 'none']);
  expect(until.default).toBe('guestReady');
});

test('a scenario may set a limit on it, and the limit is judged', () => {
  expect(JSON.stringify(jsonSchema())).toContain('"vmiScheduled"');
  const [level] = scenario.slo;
  expect(level?.metric).toBe('vmiScheduled');
  const facts = { ...level, limitSeconds: 3600, statistic: 'p95' as const };
  const [verdict] = judgeServiceLevels(night(), [facts as never]);
  expect(verdict).toMatchObject({ metric: 'vmiScheduled', state: 'kept' });
});
