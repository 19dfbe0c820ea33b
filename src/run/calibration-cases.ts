/** Recorded runs as a calibration takes them: what each scenario was measured to do, and where. */

import { analyse } from '../analyse/analysis.ts';
import { openRun } from '../analyse/open-run.ts';
import { gatherFacts } from '../analyse/summary.ts';
import { judgeValidity } from '../analyse/validity.ts';
import { playable } from '../calibrate/known.ts';
import { type MeasuredCase, measuredCase } from '../calibrate/measured-case.ts';
import { withoutCalibrated } from '../calibrate/mechanisms.ts';
import { createRng } from '../core/rng.ts';
import { UsageError } from '../core/usage-error.ts';
import { findRuns, getFilePath, type RunFolder } from '../record/layout.ts';
import { type Manifest, readManifest } from '../record/manifest.ts';
import { HistoryError } from '../record/reader.ts';
import type { Run } from '../record/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Twin, twinOverrides } from '../scenario/twin.ts';
import { restoreScenario } from './recorded-scenario.ts';

export interface CasesOptions {
  readonly results: string;
  readonly names: readonly string[];
  readonly holdout: boolean;
  /** Where it begins: a guess where undefined. */
  readonly twin: Twin | undefined;
}

export interface MeasuredCluster {
  readonly cases: readonly [MeasuredCase, ...MeasuredCase[]];
  readonly runs: readonly string[];
  /** What people call it. */
  readonly name: string;
  /** `run: why`, of runs whose figures are not to be trusted. */
  readonly invalid: readonly string[];
}

/** Throws UsageError where a run cannot be read, or is of another cluster than the first. */
export function openCases(options: CasesOptions): MeasuredCluster {
  const recorded = options.names.flatMap((name) => openNamed(options.results, name));
  const [first] = recorded;
  if (first === undefined) throw new UsageError('which runs? Name at least one');
  const cluster = clusterOf(first);
  const stranger = recorded.find((each) => clusterOf(each) !== cluster);
  if (stranger !== undefined) {
    throw new UsageError(
      `run ${stranger.id} was made on another cluster than ${first.id}: a twin is of one`,
    );
  }
  const byScenario = new Map<string, Recorded[]>();
  for (const each of recorded) {
    const key = each.manifest.scenario.hash ?? each.id;
    byScenario.set(key, [...(byScenario.get(key) ?? []), each]);
  }
  const cases = [...byScenario.values()].map((runs) => makeCase(runs, options));
  return {
    cases: cases as unknown as MeasuredCluster['cases'],
    runs: recorded.map(({ id }) => id),
    name: first.manifest.environment?.name ?? 'unnamed',
    invalid: recorded.flatMap(invalidity),
  };
}

interface Recorded {
  readonly id: string;
  readonly run: Run;
  readonly manifest: Manifest;
}

function invalidity({ id, run, manifest }: Recorded): readonly string[] {
  const { measured, samples } = analyse(run);
  const { reasons } = judgeValidity(run, measured, samples, gatherFacts(run, manifest).own);
  return reasons.map((reason) => `${id}: ${reason}`);
}

function openNamed(results: string, name: string): readonly Recorded[] {
  const found = findRuns(results, name);
  if (found.kind !== 'runs') throw new UsageError(found.message);
  return found.folders.map(openRecorded);
}

function openRecorded(folder: RunFolder): Recorded {
  const id = folder.runId;
  const manifest = readManifest(getFilePath(folder, 'manifest'));
  if (manifest === undefined) throw new UsageError(`${folder.path} has no manifest to go by`);
  if (manifest.lookout !== undefined) {
    throw new UsageError(
      `run ${id} observed a load of others: without its scenario it cannot be simulated`,
    );
  }
  try {
    return { id, manifest, run: openRun(getFilePath(folder, 'history')) };
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(error.message);
    throw error;
  }
}

function clusterOf({ manifest }: Recorded): string {
  return JSON.stringify(manifest.environment?.identity ?? {});
}

function makeCase(runs: readonly Recorded[], { holdout, twin }: CasesOptions): MeasuredCase {
  const { manifest } = runs[0] as Recorded;
  const facts = manifest.target === 'cluster' ? (manifest.environment?.facts ?? {}) : {};
  const asked = restoreScenario(manifest);
  const scenario = twin === undefined ? guessed(asked, facts) : laidOver(manifest, asked, twin);
  return measuredCase(scenario, runs, { holdout, rng: createRng('calibrate') });
}

function guessed(asked: Scenario, facts: Readonly<Record<string, string>>): Scenario {
  const scenario = playable(asked, facts);
  return { ...scenario, simulation: withoutCalibrated(scenario.simulation) };
}

function laidOver(manifest: Manifest, asked: Scenario, twin: Twin): Scenario {
  const images = asked.images.map(({ key }) => key);
  const { scenario } = manifest;
  const overrides = [...scenario.overrides, ...twinOverrides(twin, images)];
  return playable(restoreScenario({ ...manifest, scenario: { ...scenario, overrides } }), {});
}
