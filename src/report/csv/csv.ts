/**
 * samples.csv (a row per operation and object), waves.csv (a row per wave and variant) and, where a
 * Prometheus was asked, felt.csv (a row per value), for spreadsheets and databases. Names come from
 * outside, and a spreadsheet runs a cell that starts with `=`; such text gets an apostrophe,
 * numbers do not.
 */

import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { writeAtomic } from '../../core/write-atomic.ts';
import { sampleRows } from '../../analyse/sample-rows.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Run } from '../../record/run.ts';
import type { Cell } from './csv-cell.ts';
import { FELT_COLUMNS, feltRows } from './felt-columns.ts';
import { SAMPLE_COLUMNS, sampleCells } from './sample-columns.ts';
import { WAVE_COLUMNS, waveCells } from './wave-columns.ts';

/** Writes the files into `folder`; throws what the file system throws. */
export function writeCsv(folder: string, run: Run, summary: Summary): void {
  writeAtomic(join(folder, 'samples.csv'), samplesCsv(run));
  writeAtomic(join(folder, 'waves.csv'), wavesCsv(summary));
  if (run.metrics.length > 0) writeAtomic(join(folder, 'felt.csv'), feltCsv(run));
}

/** The text of samples.csv, in pieces. */
export function* samplesCsv(run: Run): Generator<string> {
  const cells = sampleCells(run);
  yield* chunks(SAMPLE_COLUMNS, sampleRows(run), cells);
}

/** The text of waves.csv, in pieces. */
export function* wavesCsv(summary: Summary): Generator<string> {
  const cells = waveCells(summary);
  yield* chunks(WAVE_COLUMNS, summary.waves, cells);
}

/** The text of felt.csv, in pieces. */
export function* feltCsv(run: Run): Generator<string> {
  yield* chunks(FELT_COLUMNS, feltRows(run), (cells) => cells);
}

const ROWS_PER_CHUNK = 2000;

function* chunks<Row>(
  columns: readonly string[],
  rows: Iterable<Row>,
  cellsOf: (row: Row) => readonly Cell[],
): Generator<string> {
  let pending: (readonly Cell[])[] = [columns];
  for (const row of rows) {
    pending.push(cellsOf(row));
    if (pending.length < ROWS_PER_CHUNK) continue;
    yield csvTable(pending);
    pending = [];
  }
  if (pending.length > 0) yield csvTable(pending);
}

/** Rows with their header as text, each cell safe in a spreadsheet. */
export function csvTable(rows: readonly (readonly Cell[])[]): string {
  return stringify(rows as Cell[][], { escape_formulas: true, cast: { boolean: String } });
}
