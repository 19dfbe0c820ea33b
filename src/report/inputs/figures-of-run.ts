/** All figures of a run, in the order in which a planner asks. */

import { countedStages } from '../../analyse/counted-stages.ts';
import { measuredOperations, makeSpans } from '../../analyse/spans.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Manifest } from '../../record/manifest.ts';
import type { Run } from '../../record/run.ts';
import { boots } from '../figures/boots.ts';
import { bringUp } from '../figures/bring-up.ts';
import { cloneSpeedUp } from '../figures/clone-speed-up.ts';
import { ecdf } from '../figures/ecdf.ts';
import { felt } from '../figures/felt.ts';
import type { Figure } from '../figures/figure.ts';
import { heatMap } from '../figures/heat-map.ts';
import { nodes } from '../figures/nodes.ts';
import { percentiles } from '../figures/percentiles.ts';
import { position } from '../figures/position.ts';
import { quality } from '../figures/quality.ts';
import { stageDistributions } from '../figures/stage-distributions.ts';
import { stagesByWave } from '../figures/stages-by-wave.ts';
import { stages } from '../figures/stages.ts';
import { storage } from '../figures/storage.ts';
import { throughput } from '../figures/throughput.ts';
import { timeToN } from '../figures/time-to-n.ts';
import { waveSpread } from '../figures/wave-spread.ts';
import { waves } from '../figures/waves.ts';
import {
  bootSeries,
  groupBoots,
  groupSeries,
  collectAllProgress,
  collectSpeedUps,
  collectStaged,
  withRole,
} from './figure-inputs.ts';
import { makeBringUp } from './bring-up-input.ts';
import { makeFeltInput } from './felt-input.ts';
import { makeQualityInput } from './quality-input.ts';
import { type RunSeries, seriesOfRun } from './series-of-run.ts';
import { makeSpectrum } from './spectra.ts';
import { makeStorageInput } from './storage-input.ts';

/** What a report is made from: a run on disk, read back. */
export interface ReportSource {
  readonly run: Run;
  readonly summary: Summary;
  /** Absent where the run folder has none. */
  readonly manifest: Manifest | undefined;
}

export function readSeries({ run, summary }: ReportSource): readonly RunSeries[] {
  return seriesOfRun(run, summary, makeSpans(run, measuredOperations(run)));
}

/** `all`: the series of the run, for whom they are at hand. */
export function figuresOfRun(
  source: ReportSource,
  all: readonly RunSeries[] = readSeries(source),
): readonly Figure[] {
  const { run, summary, manifest } = source;
  const groups = groupSeries(all);
  const main = groups.flatMap(({ series }) => series);
  const clones = withRole(all, 'clone');
  const steps = withRole(all, 'step');
  const arms = clones.length > 0 ? clones : withRole(all, 'deploy');
  const focus = [...arms, ...bootSeries(all), ...steps];
  const staged = collectStaged(
    run,
    clones.length > 0 ? all.filter(({ role }) => role !== 'deploy') : all,
  );
  const counted = countedStages(run);
  const { seed } = summary.run;
  const found = [
    cloneSpeedUp(collectSpeedUps(all, summary)),
    boots(groupBoots(all, summary)),
    bringUp(makeBringUp(run, counted)),
    timeToN(collectAllProgress(all, counted)),
    waves(main),
    felt(makeFeltInput(run, main)),
    ecdf(groups),
    percentiles(
      groups.map(({ title, series }) => ({
        title,
        spectra: series.map((one) => makeSpectrum(one, one.label, seed)),
      })),
    ),
    waveSpread(focus),
    stages(staged),
    stagesByWave(staged),
    stageDistributions(staged),
    heatMap(main),
    throughput(main),
    position(focus),
    nodes(bootSeries(all)),
    storage(makeStorageInput(run, summary, all)),
    quality(makeQualityInput(run, summary, manifest)),
  ];
  return found.filter((figure) => figure !== undefined);
}
