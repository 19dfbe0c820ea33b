/**
 * Writes reports: `<reports>/<scenario>/<run-id>/` with the page, the pictures, the tables and a
 * summary to paste. Nothing here asks for the time or draws lots, so the same run folder gives the
 * same bytes.
 */

import { join } from 'node:path';
import type { Summary } from '../analyse/summary.ts';
import { present } from '../core/assert.ts';
import { settle } from '../core/settle.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import { readManifest } from '../record/manifest.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import type { Run } from '../record/run.ts';
import { writeCsv } from './csv/csv.ts';
import { figuresIn, type ReportDocument } from './document/document.ts';
import { type Figure, fileName } from './figures/figure.ts';
import { renderHtml } from './html/render-html.ts';
import { figuresOfRun, readSeries, type ReportSource } from './inputs/figures-of-run.ts';
import { renderMarkdown } from './markdown.ts';
import { figurePicture } from './png/figure-picture.ts';
import { describeProvenance, reportDocument, type ReportedRun } from './report-document.ts';
import { runsDocument } from './runs-document.ts';
import { makeFolders } from '../record/folders.ts';

/** Two runs stand in columns; from so many on each has a row. */
const RUNS_IN_ROWS = 3;

/** A run as `evaluate` leaves it. */
export interface EvaluatedRun {
  readonly folder: RunFolder;
  readonly run: Run;
  readonly summary: Summary;
}

export interface WrittenReport {
  readonly folder: string;
  /** The page to open. */
  readonly page: string;
  readonly pageBytes: number;
}

/** The report of each run and, where there are several, one with all of them side by side. */
export async function writeReports(
  evaluated: readonly EvaluatedRun[],
  reports: string,
): Promise<readonly WrittenReport[]> {
  const runs = evaluated.map((one) => ({ one, reported: reportedRun(one) }));
  const written: WrittenReport[] = [];
  for (const { one, reported } of runs) written.push(await writeOne(one, reported, reports));
  if (runs.length > 1) {
    const scenarios = [...new Set(evaluated.map(({ folder }) => folder.scenario))];
    const ids = evaluated.map(({ folder }) => folder.runId);
    const folder = join(reports, scenarios.join('+'), ids.join('+'));
    written.push(
      await writePage(
        runs.map(({ reported }) => reported),
        folder,
      ),
    );
  }
  return written;
}

function reportedRun({ folder, run, summary }: EvaluatedRun): ReportedRun {
  const source: ReportSource = {
    run,
    summary,
    manifest: readManifest(getFilePath(folder, 'manifest')),
  };
  const series = readSeries(source);
  const figures = figuresOfRun(source, series);
  return { source, series, figures, provenance: describeProvenance(source) };
}

async function writeOne(
  { folder: source, run, summary }: EvaluatedRun,
  reported: ReportedRun,
  reports: string,
): Promise<WrittenReport> {
  // Named as the run's folder is: names inside a history are not ours to make paths of.
  const folder = join(reports, source.scenario, source.runId);
  const written = await writePage([reported], folder);
  writeAtomic(join(folder, 'summary.md'), renderMarkdown(reported));
  writeCsv(folder, run, summary);
  return written;
}

async function writePage(runs: readonly ReportedRun[], folder: string): Promise<WrittenReport> {
  const isMany = runs.length >= RUNS_IN_ROWS;
  const document = isMany ? runsDocument(runs) : reportDocument(runs);
  return await writeDocument(document, folder, { withPictures: isMany || runs.length === 1 });
}

/** The page, and where asked each figure's PNG file beside it. */
export async function writeDocument(
  document: ReportDocument,
  folder: string,
  { withPictures }: { readonly withPictures: boolean },
): Promise<WrittenReport> {
  makeFolders(folder);
  const pictures = new Map<Figure, string>();
  for (const { figure, of } of figuresIn(document)) {
    const { file, inline } = figurePicture(figure, of);
    if (withPictures) writeAtomic(join(folder, fileName(figure)), file);
    pictures.set(figure, `data:image/png;base64,${inline.toString('base64')}`);
    // The canvas gives its pixels back when the loop turns: without that they would pile up.
    await settle();
  }
  const page = join(folder, 'index.html');
  const html = renderHtml(document, (figure) => present(pictures.get(figure), figure.id));
  writeAtomic(page, html);
  return { folder, page, pageBytes: Buffer.byteLength(html) };
}
