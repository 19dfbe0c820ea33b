/** A calibration on paper: what was fitted, how well it predicts, and what the data do not tell. */

import type { Calibration } from '../calibrate/calibrate.ts';
import type { Drift } from '../calibrate/drift.ts';
import { isMechanism } from '../calibrate/mechanisms.ts';
import type { StageQuality } from '../calibrate/fit-quality.ts';
import type { HeldOut } from '../calibrate/holdout.ts';
import { fittedDocument } from '../calibrate/twin-document.ts';
import {
  heading,
  numbers,
  type TextColumn,
  textTable,
  type TextStyle,
  words,
} from '../report/terminal/text-table.ts';
import { countedText, percentText, secondsNumber, timesText } from '../report/wording/numbers.ts';

export interface CalibrationPage {
  readonly runs: readonly string[];
  readonly cluster: string;
  readonly calibration: Calibration;
  readonly drift: readonly Drift[] | undefined;
  /** The twin of before. */
  readonly against: string | undefined;
}

type Style = TextStyle & { readonly verbose: boolean };

export function calibrationText(page: CalibrationPage, style: Style): string {
  const { calibration, drift } = page;
  return [
    ...headline(page),
    ...predictionLines(calibration.heldOut),
    ...blurredLines(calibration),
    ...missingLines(calibration),
    '',
    ...(drift === undefined ? constantsTable(page, style) : driftTable(drift, style)),
    '',
    ...stagesTable(calibration.quality, style),
    ...heldOutTable(calibration.heldOut, style),
    '',
    ...notIdentifiedLines(calibration, style),
  ].join('\n');
}

/** For machines: schema bench/calibration/v1; seconds. */
export function calibrationJson({ runs, cluster, calibration, drift }: CalibrationPage): string {
  const { quality, heldOut, simulations } = calibration;
  const fitted = fittedDocument(calibration, runs);
  const document = {
    schema: 'bench/calibration/v1',
    runs,
    cluster,
    simulations,
    constants: fitted.constants,
    notIdentified: fitted.notIdentified,
    stages: quality.map(({ measured, twin, ...stage }) => ({
      ...stage,
      measured: named(measured),
      twin: named(twin),
    })),
    heldOut,
    ...(drift === undefined ? {} : { drift }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function named([mean, p10, p50, p90]: readonly number[]) {
  return { mean, p10, p50, p90 };
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

function changeText({ factor, verdict }: Drift): string {
  return verdict === 'slower' ? `${timesText(factor)} as slow` : `${timesText(1 / factor)} as fast`;
}

function predictionLines(heldOut: readonly HeldOut[]): readonly string[] {
  if (heldOut.length === 0) {
    return ['- Nothing was held out: how far off its predictions are is not known.'];
  }
  const worst = heldOut
    .flatMap(({ predictions }) => predictions)
    .map(({ measured, predicted }) => Math.abs(predicted / measured - 1));
  return [
    `- Waves that it was not fitted to were predicted within ${percent(Math.max(...worst))}.`,
  ];
}

/** From this share on the others may be other ones. */
const MISSING_SHOWN = 0.1;

function blurredLines({ quality }: Calibration): readonly string[] {
  const missing = quality.reduce((sum, row) => sum + row.missing, 0);
  const all = quality.reduce((sum, row) => sum + row.n + row.missing, 0);
  if (missing < MISSING_SHOWN * all) return [];
  const share = percentText(missing / all);
  return [`- ${share} of the stages' times are missing: never reached, or blurred by watch gaps.`];
}

function missingLines({ quality, fit }: Calibration): readonly string[] {
  return quality
    .filter(({ isReached, stage }) => !isReached && !WHOLE.has(stage))
    .map((row) => {
      const fitted = fit.fitted.flatMap(({ paths }) => paths);
      const own = fitted.filter((path) => isMechanism(path, row));
      const best = own.length === 0 ? 'no constant that was told is part of it' : own.join(', ');
      const [measured, twin] = [row.measured[0], row.twin[0]].map(seconds);
      const apart = `mean ${measured} s measured, ${twin} s at best; ${best}`;
      return `- ${stageText(row)} is NOT REACHED (${apart}): a mechanism is missing there.`;
    });
}

const WHOLE: ReadonlySet<string> = new Set(['clone', 'vmiRunning', 'guestReady']);

function constantsTable({ calibration, runs }: CalibrationPage, style: Style) {
  const { constants } = fittedDocument(calibration, runs);
  const rows = constants.map(({ constant, value, lo, hi, was, tiedTo }) => ({
    cells: [constant, value, `${lo}-${hi}`, was, tiedTo.length === 0 ? '' : tiedTo.join(', ')],
  }));
  const columns: readonly TextColumn[] = [
    words('constant'),
    ...numbers('fitted', '95 %', 'was'),
    { title: 'only as one factor with', align: 'left' },
  ];
  return [heading('Fitted constants', style), ...textTable(columns, rows, style)];
}

function driftTable(drift: readonly Drift[], style: Style): readonly string[] {
  const rows = drift.map(({ paths, factor, lo, hi, verdict }) => ({
    cells: [paths.join(', '), timesText(factor), `${timesText(lo)}-${timesText(hi)}`, verdict],
  }));
  const columns = [words('constant'), ...numbers('times as slow', '95 %', 'verdict')];
  return [heading('Since the twin was made', style), ...textTable(columns, rows, style)];
}

function stagesTable(quality: readonly StageQuality[], style: Style): readonly string[] {
  const rows = quality.map((row) => ({
    cells: [
      stageText(row),
      String(row.n),
      seconds(row.measured[0]),
      seconds(row.twin[0]),
      difference(row.measured[0], row.twin[0]),
      seconds(row.measured[3]),
      seconds(row.twin[3]),
      row.isReached ? '' : 'NOT REACHED',
    ],
  }));
  const columns = [words('seconds'), ...numbers('n', 'mean', 'twin', 'off', 'p90', 'twin', '')];
  return [heading('Stage by stage, fitted waves', style), ...textTable(columns, rows, style)];
}

function heldOutTable(heldOut: readonly HeldOut[], style: Style): readonly string[] {
  if (heldOut.length === 0) return [];
  const rows = heldOut.map((row) => ({
    cells: [
      stageText(row),
      String(row.n),
      ...row.predictions.flatMap(({ measured, predicted, within }) => [
        seconds(measured),
        seconds(predicted),
        `within ${percent(within)}`,
      ]),
    ],
  }));
  const columns = [
    words('seconds'),
    ...numbers('n', 'p50', 'twin', 'doubt', 'p95', 'twin', 'doubt'),
  ];
  return [
    '',
    heading('Predicted: waves that were held out', style),
    ...textTable(columns, rows, style),
  ];
}

function notIdentifiedLines({ notIdentified }: Calibration, { verbose }: Style): readonly string[] {
  if (notIdentified.length === 0) return [];
  if (!verbose) {
    const count = countedText(notIdentified.length, 'constant');
    return [`${count} stay as they were, since these runs do not tell them: --verbose`];
  }
  const byReason = new Map<string, string[]>();
  for (const { path, why } of notIdentified) {
    byReason.set(why, [...(byReason.get(why) ?? []), path]);
  }
  return [
    'Not identified:',
    ...[...byReason].map(([why, paths]) => `- ${why}: ${paths.join(', ')}`),
  ];
}

function stageText(row: Pick<StageQuality, 'step' | 'image' | 'source' | 'stage'>): string {
  const { step, image, source, stage } = row;
  const of = [image, source].filter((part) => part !== undefined && !step.includes(part));
  return [step, ...of, stage].join(', ');
}

function seconds(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : secondsNumber(value);
}

function difference(measured = Number.NaN, twin = Number.NaN): string {
  const share = twin / measured - 1;
  if (!Number.isFinite(share)) return '-';
  return `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
