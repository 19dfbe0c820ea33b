/** A whole run on the embedded cluster, from scenario text to summary, in a folder of its own. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Estimate } from '../../src/analyse/statistics/estimate.ts';
import type { MetricRecord } from '../../src/analyse/metric-record.ts';
import type { Summary } from '../../src/analyse/summary.ts';
import { evaluate, measure } from '../../src/benchmark.ts';
import { openTarget } from '../../src/cli/target.ts';
import { createRunFolder, type RunFolder } from '../../src/record/layout.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { ROOT } from './sources.ts';

export interface EmbeddedRun {
  readonly folder: RunFolder;
  readonly summary: Summary;
}

const finished = new Map<string, Promise<EmbeddedRun>>();

/**
 * Runs a shipped scenario with `--set` overrides; rejects unless it is complete. The same run is
 * made once: it would come out the same.
 */
export function embeddedRun(
  scenarioName: string,
  overrides: readonly string[] = [],
  seed = 1,
): Promise<EmbeddedRun> {
  const key = JSON.stringify([scenarioName, overrides, seed]);
  let run = finished.get(key);
  if (!run) {
    run = perform(scenarioName, overrides, seed);
    finished.set(key, run);
  }
  return run;
}

async function perform(
  scenarioName: string,
  overrides: readonly string[],
  seed: number,
): Promise<EmbeddedRun> {
  const loaded = loadScenario(join(ROOT, 'scenarios', `${scenarioName}.yaml`), overrides);
  if (!('scenario' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  const created = createRunFolder(mkdtempSync(join(tmpdir(), 'bench-')), scenarioName, 'run');
  if (!('folder' in created)) throw new Error(JSON.stringify(created));
  const setting = (await openTarget(loaded.scenario, { seed })).open();
  const ending = await measure(loaded.scenario, created.folder, setting);
  if (ending.outcome !== 'complete') throw new Error(`${ending.outcome}: ${ending.reason}`);
  return { folder: created.folder, summary: evaluate(created.folder).summary };
}

/** The one record of a metric under these dimensions. */
export function findRecord(
  { summary }: EmbeddedRun,
  metric: string,
  dimensions: Readonly<Record<string, string>> = {},
): MetricRecord {
  const found = summary.metrics.filter(
    (record) =>
      record.metric === metric &&
      Object.entries(dimensions).every(
        ([name, value]) => Reflect.get(record.dimensions, name) === value,
      ),
  );
  if (found.length !== 1) throw new Error(`${found.length} records of ${metric}`);
  return found[0] as MetricRecord;
}

export function computeMean(
  run: EmbeddedRun,
  metric: string,
  dimensions: Readonly<Record<string, string>> = {},
): number {
  return valueOf(findRecord(run, metric, dimensions).mean);
}

export function valueOf(estimate: Estimate | undefined): number {
  if (estimate === undefined || !('value' in estimate)) throw new Error('no value');
  return estimate.value;
}
