/** What a calibration came to, in sentences: the same on the terminal and on the page. */

import type { Calibration } from '../../calibrate/calibrate.ts';
import type { Drift } from '../../calibrate/drift.ts';
import type { StageQuality } from '../../calibrate/fit-quality.ts';
import type { HeldOut } from '../../calibrate/holdout.ts';
import { isMechanism } from '../../calibrate/mechanisms.ts';
import { isWhole } from '../../calibrate/stage-times.ts';
import { metricText } from '../../catalogue/names.ts';
import { countedText, percentText, secondsNumber, timesText } from '../wording/numbers.ts';

export interface CalibrationPage {
  readonly runs: readonly string[];
  readonly cluster: string;
  /** `run: why`, of runs whose figures are not to be trusted. */
  readonly invalid: readonly string[];
  readonly calibration: Calibration;
  readonly drift: readonly Drift[] | undefined;
  /** The twin of before. */
  readonly against: string | undefined;
}

/** The answer, a sentence each. */
export function calibrationAnswers(page: CalibrationPage): readonly string[] {
  const { calibration } = page;
  return [
    ...headline(page),
    ...invalidTexts(page),
    predictionText(calibration.heldOut),
    ...blurredText(calibration),
    ...missingTexts(calibration),
    ...flatteningText(calibration),
  ];
}

function headline({ runs, cluster, calibration, drift, against }: CalibrationPage) {
  const { fit, simulations } = calibration;
  const on = `${runs.join(', ')} of cluster ${cluster}`;
  if (drift !== undefined) {
    const moved = drift.filter(({ verdict }) => verdict !== 'same');
    const answer =
      moved.length === 0
        ? `nothing has moved since ${against}`
        : moved.map((each) => `${each.paths.join(', ')} ${changeText(each)}`).join('; ');
    return [`${on}: ${answer}.`];
  }
  const fitted = countedText(fit.fitted.length, 'unknown');
  return [
    `Calibrated on ${on}: ${fitted} fitted, in ${countedText(simulations, 'simulation')}.`,
    'All figures of the twin are SIMULATED.',
  ];
}

function invalidTexts({ invalid }: CalibrationPage): readonly string[] {
  if (invalid.length === 0) return [];
  return [`INVALID: ${invalid.join('; ')}. What is fitted to it is no better.`];
}

function changeText({ factor, verdict }: Drift): string {
  return verdict === 'slower' ? `${timesText(factor)} as slow` : `${timesText(1 / factor)} as fast`;
}

function predictionText(heldOut: readonly HeldOut[]): string {
  if (heldOut.length === 0) {
    return 'Nothing was held out: how far off its predictions are is not known.';
  }
  const worst = heldOut
    .flatMap(({ predictions }) => predictions)
    .map(({ measured, predicted }) => Math.abs(predicted / measured - 1));
  const most = exactPercent(Math.max(...worst));
  return `Waves that were held out were predicted within ${most}, and then fitted as well.`;
}

/** From this share on the others may be other ones. */
const MISSING_SHOWN = 0.1;

function blurredText({ quality }: Calibration): readonly string[] {
  const missing = quality.reduce((sum, row) => sum + row.missing, 0);
  const all = quality.reduce((sum, row) => sum + row.n + row.missing, 0);
  if (missing < MISSING_SHOWN * all) return [];
  const share = percentText(missing / all);
  return [`${share} of the stages' times are missing: never reached, or blurred by watch gaps.`];
}

function missingTexts({ quality, fit }: Calibration): readonly string[] {
  return quality
    .filter(({ isReached, stage }) => !isReached && !isWhole(stage))
    .map((row) => {
      const fitted = fit.fitted.flatMap(({ paths }) => paths);
      const own = fitted.filter((path) => isMechanism(path, row));
      const best = own.length === 0 ? 'no constant that was told is part of it' : own.join(', ');
      const [measured, twin] = [row.measured[0], row.twin[0]].map(secondsCell);
      const apart = `mean ${measured} s measured, ${twin} s at best; ${best}`;
      return `${stageName(row)} is NOT REACHED (${apart}): a mechanism is missing there.`;
    });
}

/** What clones of one image wait for beyond the limits, where the runs do not tell it. */
function flatteningText({ flattening }: Calibration): readonly string[] {
  const { isTold, clones, softSnapshots, clonesLeast, isPoolRead } = flattening;
  if (isTold || clones === 0) return [];
  const remedy =
    isPoolRead || clones < clonesLeast
      ? `To tell it, measure ${clonesLeast} clones of one image, disks of VMs included`
      : 'To tell it, measure with the right to read CephClusters, which show the pool';
  return [
    `What it predicts of more than ${softSnapshots} clones of one claim is a GUESS: these runs ` +
      `made ${clones}, and do not tell how quickly Ceph flattens. ${remedy}.`,
  ];
}

/** `boots, rhel9, guest boot`. */
export function stageName(row: Pick<StageQuality, 'step' | 'image' | 'source' | 'stage'>): string {
  const { step, image, source, stage } = row;
  const of = [image, source].filter((part) => part !== undefined && !step.includes(part));
  return [step, ...of, isWhole(stage) ? metricText(stage) : stage].join(', ');
}

export function secondsCell(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : secondsNumber(value);
}

/** To a tenth: `12.3 %`. */
export function exactPercent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
