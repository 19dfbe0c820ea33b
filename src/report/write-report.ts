/**
 * Writes reports: `<reports>/<scenario>/<run-id>/` with the page, the pictures, the tables and a
 * summary to paste. What a reader would get wrong: nothing here asks for the time or draws lots, so
 * the same run folder gives the same bytes.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Summary } from '../analyse/summary.ts';
import { readManifest } from '../record/manifest.ts';
import { fileOf, type RunFolder } from '../record/layout.ts';
import type { Run } from '../record/run.ts';
import { writeCsv } from './csv.ts';
import { type Figure, fileName } from './figures/figure.ts';
import { renderHtml } from './html/render-html.ts';
import { figuresOfRun, type ReportSource } from './inputs/figures-of-run.ts';
import { renderMarkdown } from './markdown.ts';
import { figurePicture, type Provenance } from './png/figure-picture.ts';
import { provenanceOf, reportDocument, type ReportedRun } from './report-document.ts';

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

/** The report of one run. */
export function writeReport(evaluated: EvaluatedRun, reports: string): WrittenReport {
  return writeReported(evaluated, reportedRun(evaluated), reports, new Map());
}

/** The report of each run and, where there are several, one with all of them side by side. */
export function writeReports(
  evaluated: readonly EvaluatedRun[],
  reports: string,
): readonly WrittenReport[] {
  const pictures: Pictures = new Map();
  const runs = evaluated.map((one) => ({ one, reported: reportedRun(one) }));
  const written = runs.map(({ one, reported }) => writeReported(one, reported, reports, pictures));
  if (runs.length < 2) return written;
  const scenarios = [...new Set(evaluated.map(({ folder }) => folder.scenario))];
  const ids = evaluated.map(({ folder }) => folder.runId);
  const folder = join(reports, scenarios.join('+'), ids.join('+'));
  const all = runs.map(({ reported }) => reported);
  return [...written, writePage(all, folder, pictures)];
}

type Pictures = Map<Figure, string>;

function reportedRun({ folder, run, summary }: EvaluatedRun): ReportedRun {
  const source: ReportSource = { run, summary, manifest: readManifest(fileOf(folder, 'manifest')) };
  return { source, figures: figuresOfRun(source), provenance: provenanceOf(source) };
}

function writeReported(
  { folder: source, run, summary }: EvaluatedRun,
  reported: ReportedRun,
  reports: string,
  pictures: Pictures,
): WrittenReport {
  // Named as the run's folder is: names inside a history are not ours to make paths of.
  const folder = join(reports, source.scenario, source.runId);
  mkdirSync(folder, { recursive: true });
  for (const figure of reported.figures) {
    const { file, inline } = figurePicture(figure, reported.provenance);
    writeFileSync(join(folder, fileName(figure)), file);
    pictures.set(figure, dataUrl(inline));
  }
  writeFileSync(join(folder, 'summary.md'), renderMarkdown(reported));
  writeCsv(folder, run, summary);
  return writePage([reported], folder, pictures);
}

function writePage(
  runs: readonly ReportedRun[],
  folder: string,
  pictures: Pictures,
): WrittenReport {
  mkdirSync(folder, { recursive: true });
  const page = join(folder, 'index.html');
  const html = renderHtml(reportDocument(runs), (figure, of) => pictureOf(figure, of, pictures));
  writeFileSync(page, html);
  return { folder, page, pageBytes: Buffer.byteLength(html) };
}

function pictureOf(figure: Figure, of: Provenance, pictures: Pictures): string {
  return pictures.get(figure) ?? dataUrl(figurePicture(figure, of).inline);
}

function dataUrl(png: Buffer): string {
  return `data:image/png;base64,${png.toString('base64')}`;
}
