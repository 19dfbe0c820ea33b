/** What a study leaves in its folder, and its page. */

import { join } from 'node:path';
import type { StudySummary } from '../compare/study-summary.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import { getFilePath } from '../record/layout.ts';
import { type Manifest, readManifest } from '../record/manifest.ts';
import type { GroupedRun } from '../record/group.ts';
import { studyCsv } from '../report/csv/study-csv.ts';
import { runFolder } from './study-runs.ts';

/** Writes study.json and study.csv; returns the text of the former. */
export function writeStudy(path: string, summary: StudySummary): string {
  const text = `${JSON.stringify(summary, undefined, 2)}\n`;
  writeAtomic(join(path, 'study.json'), text);
  writeAtomic(join(path, 'study.csv'), studyCsv(summary));
  return text;
}

/** Of the first run that has one: it tells the constants in force. */
export function firstManifest(
  path: string,
  scenario: string,
  runs: readonly GroupedRun[],
): Manifest | undefined {
  for (const run of runs) {
    const manifest = readManifest(getFilePath(runFolder(path, scenario, run), 'manifest'));
    if (manifest !== undefined) return manifest;
  }
  return undefined;
}

/** Writes the page of a study and its pictures; returns the page to open. */
export async function writeStudyPage(
  summary: StudySummary,
  manifest: Manifest | undefined,
  folder: string,
): Promise<string> {
  // Loaded late: the canvas costs more than all other commands together.
  const { writeStudyReport } = await import('../report/study/study-report.ts');
  return (await writeStudyReport(summary, manifest, folder)).page;
}
