/** The tables of a calibration; seconds. */

import type { Calibration } from '../../calibrate/calibrate.ts';
import type { Drift } from '../../calibrate/drift.ts';
import { fittedDocument } from '../../calibrate/twin-document.ts';
import type { Table } from '../figures/figure.ts';
import { timesText } from '../wording/numbers.ts';
import { type CalibrationPage, exactPercent, secondsCell, stageName } from './calibration-words.ts';

/** What was fitted; against a twin of before, what of it has moved. */
export function constantsTable({ calibration, runs, drift }: CalibrationPage): Table {
  if (drift !== undefined) return driftTable(drift);
  const { constants } = fittedDocument(calibration, runs);
  return {
    caption: 'Fitted constants',
    headers: ['constant', 'fitted', '95 %', 'was', 'only as one factor with'],
    rows: constants.map(({ constant, value, lo, hi, was, tiedTo }) => [
      constant,
      value,
      `${lo}-${hi}`,
      was,
      tiedTo.join(', '),
    ]),
  };
}

function driftTable(drift: readonly Drift[]): Table {
  return {
    caption: 'Since the twin was made',
    headers: ['constant', 'times as slow', '95 %', 'verdict'],
    rows: drift.map(({ paths, factor, lo, hi, verdict }) => [
      paths.join(', '),
      timesText(factor),
      `${timesText(lo)}-${timesText(hi)}`,
      verdict,
    ]),
  };
}

export function stagesTable({ quality }: Calibration): Table {
  return {
    caption: 'Stage by stage, all waves',
    headers: ['seconds', 'n', 'mean', 'twin', 'off', 'p90', 'twin', ''],
    rows: quality.map((row) => [
      stageName(row),
      String(row.n),
      secondsCell(row.measured[0]),
      secondsCell(row.twin[0]),
      difference(row.measured[0], row.twin[0]),
      secondsCell(row.measured[3]),
      secondsCell(row.twin[3]),
      row.isReached ? '' : 'NOT REACHED',
    ]),
  };
}

/** No rows where nothing was held out. */
export function heldOutTable({ heldOut }: Calibration): Table {
  return {
    caption: 'Predicted: waves that were held out',
    headers: ['seconds', 'n', 'p50', 'twin', 'doubt', 'p95', 'twin', 'doubt'],
    rows: heldOut.map((row) => [
      stageName(row),
      String(row.n),
      ...row.predictions.flatMap(({ measured, predicted, within }) => [
        secondsCell(measured),
        secondsCell(predicted),
        `+-${exactPercent(within)}`,
      ]),
    ]),
  };
}

/** A reason a row, with the constants that it keeps as they were. */
export function notIdentifiedTable({ notIdentified }: Calibration): Table {
  const byReason = new Map<string, string[]>();
  for (const { path, why } of notIdentified) {
    byReason.set(why, [...(byReason.get(why) ?? []), path]);
  }
  return {
    caption: 'Not identified: these stay as they were',
    headers: ['why', 'constants'],
    rows: [...byReason].map(([why, paths]) => [why, paths.join(', ')]),
  };
}

function difference(measured = Number.NaN, twin = Number.NaN): string {
  const share = twin / measured - 1;
  if (!Number.isFinite(share)) return '-';
  return `${share < 0 ? '-' : '+'}${exactPercent(Math.abs(share))}`;
}
